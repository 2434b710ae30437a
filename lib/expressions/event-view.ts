/**
 * The event as CEL expressions see it, and the JSON texts behind it.
 *
 * A parsed value has lost how its numbers were spelled and in which order its keys stood; the received text
 * has not. So that an expression such as `events.map(e, e.data)` emits what was received, every view and
 * every datum that is an object or a list remembers its text here, and `renderJson` splices that text in.
 */
import { eventToCloudEventJson } from '../event/event-json.ts';
import { isTombstone, type Event, type Origin } from '../event/event.ts';
import { celValue } from './cel-value.ts';
import { HEADER_FIELDS, headerBase64Of, headerTextsOf, type HeaderTexts } from './header-maps.ts';
import { rememberFieldSpelling, rememberSpellings } from './received-numbers.ts';

/** Fields of `event` in CEL, with their CEL types. An absent field is an error to read; `has()` asks first. */
export const EVENT_FIELDS = {
  id: 'string',
  source: 'string',
  type: 'string',
  subject: 'string',
  time: 'string',
  datacontenttype: 'string',
  dataschema: 'string',
  data: 'dyn',
  data_base64: 'string',
  tombstone: 'bool',
  extensions: 'map<string, dyn>',
  ...HEADER_FIELDS,
  origin: 'Origin',
} as const;

/** Fields of `event.origin`; all but `kind` exist for their own kind of source only. */
export const ORIGIN_FIELDS = {
  kind: 'string',
  requestId: 'string',
  index: 'int',
  receivedAtEpochMs: 'int',
  messageId: 'string',
  queueArn: 'string',
  sentAtEpochMs: 'int',
  cluster: 'string',
  topic: 'string',
  partition: 'int',
  offset: 'int',
  timestampEpochMs: 'int',
  timestampType: 'string',
  key: 'string',
  keyBase64: 'string',
  schemaId: 'string',
  schemaSubject: 'string',
} as const;

type ViewOf<Fields> = { readonly [Field in keyof Fields]: unknown };

/** Undefined fields are absent. The class is what CEL's type checker recognizes. */
export class OriginView implements ViewOf<typeof ORIGIN_FIELDS> {
  readonly kind: string;
  readonly requestId: string | undefined;
  readonly index: bigint | undefined;
  readonly receivedAtEpochMs: bigint | undefined;
  readonly messageId: string | undefined;
  readonly queueArn: string | undefined;
  readonly sentAtEpochMs: bigint | undefined;
  readonly cluster: string | undefined;
  readonly topic: string | undefined;
  readonly partition: bigint | undefined;
  readonly offset: bigint | undefined;
  readonly timestampEpochMs: bigint | undefined;
  readonly timestampType: string | undefined;
  readonly key: string | undefined;
  readonly keyBase64: string | undefined;
  readonly schemaId: string | undefined;
  readonly schemaSubject: string | undefined;

  constructor(origin: Origin) {
    this.kind = origin.kind;
    switch (origin.kind) {
      case 'http':
        this.requestId = origin.requestId;
        this.index = celInt(origin.index);
        this.receivedAtEpochMs = celInt(origin.receivedAtEpochMs);
        break;
      case 'sqs':
        this.messageId = origin.messageId;
        this.queueArn = origin.queueArn;
        this.sentAtEpochMs = celInt(origin.sentAtEpochMs);
        break;
      case 'kafka':
        this.cluster = origin.cluster;
        this.topic = origin.topic;
        this.partition = celInt(origin.partition);
        this.offset = celInt(origin.offset);
        this.timestampEpochMs = celInt(origin.timestampEpochMs);
        this.timestampType = origin.timestampType;
        this.key = origin.key;
        this.keyBase64 = origin.keyBase64;
        this.schemaId = origin.schemaId;
        this.schemaSubject = origin.schemaSubject;
        break;
    }
  }
}

/**
 * Undefined fields are absent; `data` is undefined when the event has none, and null for JSON `null`. What
 * costs something to show is made when an expression first reads it.
 */
export class EventView implements ViewOf<typeof EVENT_FIELDS> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: string | undefined;
  readonly datacontenttype: string | undefined;
  readonly dataschema: string | undefined;
  readonly data: unknown;
  readonly data_base64: string | undefined;
  /** It is never absent: false for every event but a tombstone of Kafka. */
  readonly tombstone: boolean;
  readonly #event: Event;
  #extensions: ReadonlyMap<string, unknown> | undefined;
  #origin: OriginView | undefined;
  #headerTexts: HeaderTexts | undefined;
  #headersBase64: ReadonlyMap<string, string> | undefined;
  #jsonText: string | undefined;
  #hasSpellings = false;

  constructor(event: Event) {
    this.id = event.id;
    this.source = event.source;
    this.type = event.type;
    this.subject = event.subject;
    this.time = event.time;
    this.datacontenttype = event.datacontenttype;
    this.dataschema = event.dataschema;
    this.tombstone = isTombstone(event);
    this.#event = event;
    switch (event.data.kind) {
      case 'json': {
        const { text } = event.data;
        this.data = celValue(event.data.value, text);
        if (typeof this.data === 'object' && this.data !== null) RECEIVED_TEXT.set(this.data, text);
        if (typeof this.data === 'number') rememberFieldSpelling(this, 'data', text);
        break;
      }
      case 'text':
        this.data = event.data.text;
        break;
      case 'binary':
        this.data_base64 = event.data.base64;
        break;
      case 'none':
        break;
    }
  }

  /** A map, since an extension may be called `constructor`. */
  get extensions(): ReadonlyMap<string, unknown> {
    return (this.#extensions ??= new Map(Object.entries(this.#event.extensions)));
  }

  get headers(): ReadonlyMap<string, string> {
    return this.#texts().last;
  }

  get header_values(): ReadonlyMap<string, readonly string[]> {
    return this.#texts().all;
  }

  get headers_base64(): ReadonlyMap<string, string> {
    return (this.#headersBase64 ??= headerBase64Of(this.#event));
  }

  get origin(): OriginView {
    return (this.#origin ??= new OriginView(this.#event.origin));
  }

  /** Not a field of `event` in CEL: remember how the numbers within the data were spelled. */
  rememberSpellings(): void {
    if (this.#hasSpellings) return;
    this.#hasSpellings = true;
    const { data } = this.#event;
    if (data.kind === 'json' && typeof this.data === 'object' && this.data !== null) {
      rememberSpellings(data.text, this.data);
    }
  }

  /** Not a field of `event` in CEL: the whole event in the CloudEvents JSON format. */
  jsonText(): string {
    return (this.#jsonText ??= eventToCloudEventJson(this.#event));
  }

  #texts(): HeaderTexts {
    return (this.#headerTexts ??= headerTextsOf(this.#event));
  }
}

const VIEWS = new WeakMap<Event, EventView>();
const RECEIVED_TEXT = new WeakMap<object, string>();

/** The view of an event, made once: its filters, keys and parameters share it. */
export function eventView(event: Event): EventView {
  const known = VIEWS.get(event);
  if (known !== undefined) return known;
  const view = new EventView(event);
  VIEWS.set(event, view);
  return view;
}

/** The same for an expression that may yield numbers of the data. */
export function eventViewWithSpellings(event: Event): EventView {
  const view = eventView(event);
  view.rememberSpellings();
  return view;
}

/** The JSON text that stands for an object of a view: the datum as received, or the whole event. */
export function knownJsonText(value: object): string | undefined {
  return value instanceof EventView ? value.jsonText() : RECEIVED_TEXT.get(value);
}

/** CEL's `int` is a bigint here; what is not a whole number is absent rather than wrong. */
function celInt(value: number): bigint | undefined {
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}
