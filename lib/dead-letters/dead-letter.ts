/**
 * The dead letter: a record that cannot become part of a flow run, stored in the dead-letter queue of its source with
 * everything that is needed to see why and to send it again. JSON, version 1 (`sluiceDeadLetter`):
 *
 * ```json
 * { "sluiceDeadLetter": 1, "source": "jobs", "route": "process-orders", "stage": "submit",
 *   "code": "refused-by-prefect", "detail": "…", "eventId": "…", "batchId": "…", "flowRunId": "…",
 *   "deliveryCount": 1, "configHash": "…", "time": "2026-01-31T12:00:00.000Z", "origin": { "kind": "sqs", … },
 *   "record": { "id": "…", "contentType": "application/json", "headers": {}, "encoding": "text", "body": "…" } }
 * ```
 *
 * `encoding` is `base64` for a body that was received as bytes. A Kafka record also has its `key` in base64.
 * `headerList` has the headers of Kafka, the attributes of SQS and the listed headers of HTTP, each with its `name` and
 * its `text`, or its `value` in base64. A record with an `identity` is an event that waited in a window, in
 * CloudEvents' JSON format, whatever its source delivered. A record that is too large for one message is spread over
 * several: each has `"part": { "number": 1, "of": 2 }` and, in place of `record`, `recordPart`: a piece of the JSON text
 * of `record`, which parses once all the pieces are joined in order. Nothing is cut off.
 */
import { base64Of, toHeaderJson } from '../event/header.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../event/queue-message.ts';
import type { ReceivedRecord, RejectionCode } from '../event/record.ts';
import type { Outcome } from '../outcome.ts';

export interface DeadLetter {
  /** The name of the source in the configuration. */
  readonly source: string;
  readonly record: ReceivedRecord;
  readonly outcome: Extract<Outcome, { kind: 'dead-lettered' }>;
  /** The event of the record that failed; null if the record could not be decoded. */
  readonly eventId: string | null;
  readonly configHash: string;
  readonly deadLetteredAtEpochMs: number;
}

export type DeadLetterStage = 'decode' | 'route' | 'submit';

const STAGE = {
  'malformed-record': 'decode',
  'empty-body': 'decode',
  'invalid-utf8': 'decode',
  'invalid-json': 'decode',
  'duplicate-keys': 'decode',
  'too-large': 'decode',
  'too-many-events': 'decode',
  'too-deep': 'decode',
  'too-many-keys': 'decode',
  'number-out-of-range': 'decode',
  'nul-character': 'decode',
  'lone-surrogate': 'decode',
  'invalid-cloudevent': 'decode',
  'invalid-envelope': 'decode',
  'invalid-form': 'decode',
  'unsupported-content-type': 'decode',
  'unsupported-content-encoding': 'decode',
  'unexpected-schema-framing': 'decode',
  'schema-id-missing': 'decode',
  'schema-unknown': 'decode',
  'schema-unusable': 'decode',
  'schema-mismatch': 'decode',
  'template-marker': 'route',
  'expression-failed': 'route',
  'unknown-work-queue': 'route',
  'invalid-run-option': 'route',
  'route-removed': 'route',
  'refused-by-prefect': 'submit',
} as const satisfies Record<RejectionCode, DeadLetterStage>;

/** Return the code of a dead run, which is read from a label that may have been changed in Prefect. */
export function rejectionCodeOf(deadCode: string): RejectionCode {
  return isRejectionCode(deadCode) ? deadCode : 'refused-by-prefect';
}

function isRejectionCode(code: string): code is RejectionCode {
  return Object.hasOwn(STAGE, code);
}

/** Return the stage of the pipeline that rejects records with this code. */
export function getStage(code: RejectionCode): DeadLetterStage {
  return STAGE[code];
}

/**
 * Split a dead letter into messages of at most `maxBytes` of UTF-8: one message, unless the record is too large.
 * @throws RangeError if `maxBytes` leaves no room for a record at all.
 */
export function toDeadLetterMessages(
  deadLetter: DeadLetter,
  maxBytes: number = MAX_QUEUE_MESSAGE_BYTES,
): readonly [string, ...string[]] {
  const envelope = toEnvelope(deadLetter);
  const record = toRecordJson(deadLetter.record);
  const whole = toSqsText({ ...envelope, record });
  if (Buffer.byteLength(whole) <= maxBytes) return [whole];

  const fits = (recordPart: string): boolean =>
    // The numbers are known only after everything is cut; these are longer than any.
    Buffer.byteLength(toSqsText({ ...envelope, part: { number: 1e6, of: 1e6 }, recordPart })) <= maxBytes;
  const [first, ...rest] = cut(JSON.stringify(record), fits);
  const of = 1 + rest.length;
  const message = (recordPart: string, number: number): string =>
    toSqsText({ ...envelope, part: { number, of }, recordPart });
  return [message(first, 1), ...rest.map((recordPart, index) => message(recordPart, index + 2))];
}

function toEnvelope({ source, record, outcome, eventId, configHash, deadLetteredAtEpochMs }: DeadLetter) {
  return {
    sluiceDeadLetter: 1,
    source,
    route: outcome.route ?? null,
    stage: getStage(outcome.code),
    code: outcome.code,
    detail: outcome.detail,
    eventId,
    batchId: outcome.batchId ?? null,
    flowRunId: outcome.flowRunId ?? null,
    deliveryCount: record.deliveryCount,
    configHash,
    time: new Date(deadLetteredAtEpochMs).toISOString(),
    origin: record.origin,
  };
}

function toRecordJson({ recordId, contentType, headers, key, headerList, identity, body }: ReceivedRecord) {
  return {
    id: recordId,
    contentType: contentType ?? null,
    headers: Object.fromEntries(headers),
    ...(key !== undefined && { key: base64Of(key) }),
    ...(headerList !== undefined && { headerList: headerList.map(toHeaderJson) }),
    ...(identity !== undefined && { identity }),
    ...(typeof body === 'string' ? { encoding: 'text', body } : { encoding: 'base64', body: base64Of(body) }),
  };
}

function cut(text: string, fits: (piece: string) => boolean): readonly [string, ...string[]] {
  if (fits(text)) return [text];
  if (text.length < 2) throw new RangeError('The size limit leaves no room for the record.');
  const middle = Math.ceil(text.length / 2);
  const [first, ...rest] = cut(text.slice(0, middle), fits);
  return [first, ...rest, ...cut(text.slice(middle), fits)];
}

/**
 * Print JSON that SQS accepts. SQS refuses messages that contain U+FFFE or U+FFFF, and control characters and lone
 * surrogates, which JSON.stringify escapes already.
 */
function toSqsText(message: object): string {
  return JSON.stringify(message).replaceAll(/[\uFFFE\uFFFF]/g, (character) =>
    character === '\uFFFE' ? '\\ufffe' : '\\uffff',
  );
}
