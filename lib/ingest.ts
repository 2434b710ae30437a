/** Take a request at an HTTP source: receive → verify → decode → enqueue → (wait for runs) → respond. */
import type { CompiledVerification } from './compiled-config/compiled-verification.ts';
import type { CompiledHttpSource, CompiledLimits } from './compiled-config/compiled.ts';
import { decodeRecord } from './event/decode.ts';
import type { Event } from './event/event.ts';
import type { Header } from './event/header.ts';
import { MAX_QUEUE_MESSAGE_BYTES, queueMessageBytes, toQueueMessage } from './event/queue-message.ts';
import type { BadEvent, ReceivedRecord, Rejection } from './event/record.ts';
import type { Deadline, EventQueue, QueueMessage } from './ports.ts';
import type { RequestStatus } from './flow-run-status/status.ts';
import { ingestFailure, type IngestFailure } from './ingest-failure.ts';
import type {
  Handshake,
  UnverifiedRequest,
  VerificationPorts,
  VerificationRejection,
  Verified,
} from './verification/verification.ts';
import { verifyRequest } from './verification/verify-request.ts';

export interface IngestRequest extends UnverifiedRequest {
  readonly requestId: string;
  readonly receivedAtEpochMs: number;
}

export interface IngestPorts extends VerificationPorts {
  readonly queue: EventQueue;
}

/** What a source that responds with flow runs needs. */
export interface RunWaiting {
  readonly inquiry: {
    poll(messages: readonly QueueMessage[], deadline: Deadline): Promise<RequestStatus>;
  };
  readonly deadline: Deadline;
}

export interface AcceptedEvent {
  readonly id: string;
  readonly source: string;
}

export type IngestResult =
  /**
   * Stored durably; a flow run is owed from here on. An empty batch has no events. `caller` is for logs. `progress` is
   * null where the source does not respond with flow runs.
   */
  | {
      readonly kind: 'accepted';
      readonly events: readonly AcceptedEvent[];
      readonly caller: string | null;
      readonly progress: RequestStatus | null;
    }
  /** The sender is not let in. Nothing of the body was looked at. */
  | { readonly kind: 'unverified'; readonly rejection: VerificationRejection }
  /** The request is a handshake of the provider and holds no event. */
  | Handshake
  /** None of the events was stored. `badEvents` is empty when the request as a whole is to blame. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly badEvents: readonly BadEvent[] }
  | IngestFailure;

/**
 * The body is neither parsed nor logged before the request is verified, and the result holds nothing of it but the ids
 * of events.
 * @throws errors that mean a bug or a broken part.
 */
export async function ingest(
  request: IngestRequest,
  source: CompiledHttpSource,
  limits: CompiledLimits,
  ports: IngestPorts,
  waiting: RunWaiting | null = null,
): Promise<IngestResult> {
  try {
    const verification = await verifyRequest(request, source.verify, ports);
    if (verification.kind === 'rejected') return { kind: 'unverified', rejection: verification };
    if (verification.kind === 'handshake') return verification;

    const decoded = decodeRequest(request, verification, source, limits);
    if (decoded.kind === 'rejected') return decoded;
    const { events, messages } = decoded;

    if (messages.length > 0) await ports.queue.sendEvents(messages);
    return {
      kind: 'accepted',
      events: events.map(({ id, source: eventSource }) => ({ id, source: eventSource })),
      caller: verification.caller,
      progress: waiting === null ? null : await waiting.inquiry.poll(messages, waiting.deadline),
    };
  } catch (error) {
    return ingestFailure(error);
  }
}

export type DecodedRequest =
  | {
      readonly kind: 'decoded';
      readonly events: readonly Event[];
      /** One for each event, in their order. */
      readonly messages: readonly QueueMessage[];
    }
  | Extract<IngestResult, { kind: 'rejected' }>;

/** Decode a verified request into the messages that carry its events to the pipeline. */
export function decodeRequest(
  request: DeliveredRequest,
  verified: Verified,
  source: CompiledHttpSource,
  limits: CompiledLimits,
): DecodedRequest {
  const decoded = decodeRecord(receivedRecord(request, verified, source), source, limits);
  if (decoded.kind === 'rejected') {
    return { kind: 'rejected', rejection: decoded.rejection, badEvents: decoded.badEvents ?? [] };
  }
  const { events } = decoded;
  const messages = events.map((event) => queueMessage(event, request, source));
  const badEvents = messages.flatMap(tooLargeForQueue);
  const [firstBad] = badEvents;
  if (firstBad !== undefined) return { kind: 'rejected', rejection: firstBad.rejection, badEvents };
  return { kind: 'decoded', events, messages };
}

/** What decoding reads of a request. */
export type DeliveredRequest = Pick<
  IngestRequest,
  'requestId' | 'receivedAtEpochMs' | 'headers' | 'unverifiedBody'
>;

function receivedRecord(
  { requestId, receivedAtEpochMs, headers, unverifiedBody }: DeliveredRequest,
  { deliveryId, repeatsBodies, contentType = headers.get('content-type') }: Verified,
  { verify, headers: listed }: CompiledHttpSource,
): ReceivedRecord {
  const delivery = deliveryId ?? (repeatsBodies === true ? requestId : undefined);
  const headerList = listedHeaders(headers, listed);
  return {
    recordId: requestId,
    origin: { kind: 'http', requestId, index: 0, receivedAtEpochMs },
    body: unverifiedBody,
    ...(contentType === undefined || contentType.trim() === '' ? {} : { contentType }),
    headers: signsBodyAlone(verify) ? withoutEventHeaders(headers) : headers,
    ...(headerList.length > 0 && { headerList }),
    ...(delivery !== undefined && { deliveryId: delivery }),
    deliveryCount: 1,
  };
}

function listedHeaders(headers: ReadonlyMap<string, string>, listed: readonly string[]): readonly Header[] {
  return listed.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
}

/**
 * Whether the requests of a source are signed by SNS or by a webhook provider, whose signatures cover the body. Neither
 * sends attributes of CloudEvents in headers.
 */
function signsBodyAlone({ scheme }: CompiledVerification): boolean {
  return scheme === 'sns' || scheme === 'webhook';
}

/** Drop attributes that no signature covers: with another `ce-id`, a captured request would be another event. */
function withoutEventHeaders(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !name.startsWith('ce-')));
}

function queueMessage(
  event: Event,
  { requestId, receivedAtEpochMs }: DeliveredRequest,
  source: CompiledHttpSource,
): QueueMessage {
  const index = event.origin.kind === 'http' ? event.origin.index : 0;
  return toQueueMessage({ ...event, origin: { kind: 'http', requestId, index, receivedAtEpochMs } }, source);
}

function tooLargeForQueue(message: QueueMessage, index: number): BadEvent[] {
  const bytes = queueMessageBytes(message);
  if (bytes <= MAX_QUEUE_MESSAGE_BYTES) return [];
  const detail =
    `The event takes ${bytes} bytes with its attributes, and ${MAX_QUEUE_MESSAGE_BYTES} fit into the queue. ` +
    'Send a reference to the data.';
  return [{ index, rejection: { code: 'too-large', detail } }];
}
