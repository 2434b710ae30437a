/**
 * Ports: what the pipeline needs of the world, each a role of three methods or fewer. Adapters implement them over
 * AWS and HTTP (`lib/adapters`), fakes implement them in memory (`test/support`); both pass the same contract
 * suites (`test/contract`). A method throws only on bugs and infrastructure failures; expected failures are in its result.
 */

/** An event's claim on a route: it belongs to this batch. Stored once, moved only from the batch that was read. */
export interface Claim {
  /** `C#<route>#<SHA-256 of the dedupe key, base64url>` */
  readonly claimKey: string;
  readonly batchId: string;
  /** Until then the batch's owner may still be at work. Liveness only: safety never depends on it. */
  readonly leaseUntilEpochSeconds: number;
  readonly expiresAtEpochSeconds: number;
}

/**
 * `indeterminate`: the write may or may not have happened (time-out, throttled after retries). The caller has to
 * insert again, or leave the event to redelivery; it must never take it for a success.
 */
export type InsertResult = 'inserted' | 'exists' | 'indeterminate';
export type MoveResult = 'moved' | 'changed' | 'indeterminate';

export interface ClaimStore {
  /** Put-if-absent of each claim, independent of its neighbors; answers in the order asked. Keys are unique. */
  insertClaims(claims: readonly Claim[]): Promise<readonly InsertResult[]>;
  /** Strongly consistent. Throws when a claim could not be read: "not read" must never look like "absent". */
  readClaims(claimKeys: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /** Each claim's batch (and lease and expiry) replaced, if it still names `fromBatchId`. */
  moveClaims(moves: readonly ClaimMove[]): Promise<readonly MoveResult[]>;
}

export interface ClaimMove {
  readonly claim: Claim;
  readonly fromBatchId: string;
}

/** A flow run that exists, as its label describes it; never inferred from what was sent. */
export interface FlowRunRecord {
  readonly kind: 'flow-run';
  readonly batchId: string;
  readonly flowRunId: string;
  /** Member ids: the first 64 bits of each member's key hash, base64url (11 characters). */
  readonly members: readonly string[];
  /** Set on a run that never executes: why its only member was dead-lettered, or `superseded`, with no member. */
  readonly deadCode: string | null;
}

export interface StoredFlowRunRecord extends FlowRunRecord {
  readonly expiresAtEpochSeconds: number;
}

/** A batch that was added to a window: the events that its chunk holds. */
export interface ChunkRecord {
  readonly kind: 'chunk';
  readonly batchId: string;
  readonly windowId: string;
  /** Empty for a batch that was given up before it was appended. */
  readonly members: readonly string[];
  /** True once the window is flushed and closed; until then the batch is not settled. */
  readonly isClosed: boolean;
}

/** A batch whose members are known: in a run, or in a window that becomes runs. */
export type RecordedBatch = FlowRunRecord | ChunkRecord;

export interface BatchRecordStore {
  /** Strongly consistent. Throws when a record could not be read: "not read" must never look like "absent". */
  readRecords(batchIds: readonly string[]): Promise<ReadonlyMap<string, RecordedBatch>>;
  /**
   * Put each record if absent. Resolve with the ids of the batches whose record is not known to be stored: their events
   * must not be acknowledged, since Prefect's retention deletes flow runs long before their claims expire.
   */
  writeRecords(records: readonly StoredFlowRunRecord[]): Promise<ReadonlySet<string>>;
}

/** A flow run to be made by `POST /deployments/{id}/create_flow_run`, all of it ready to send. */
export interface FlowRunRequest {
  readonly deploymentId: string;
  /** `sluice1:<batch id>`: unique per flow in Prefect, and the judge of every race. */
  readonly idempotencyKey: string;
  readonly name: string;
  /** JSON text of the `parameters` object, spliced from raw event text: never parsed and printed again. */
  readonly parametersJson: string;
  readonly labels: Readonly<Record<string, string | number | boolean>>;
  readonly tags: readonly string[];
  /** Null: the queue of the deployment. Prefect creates a queue that is not there, so the caller has looked for it. */
  readonly workQueue: string | null;
  /** When a worker gets the run; null: at once. */
  readonly startAtEpochMs: number | null;
  /** JSON text of the `job_variables` object; null when there are none. */
  readonly jobVariablesJson: string | null;
  /** A dead run is created as Cancelled, by this name and with this message, and never executes. */
  readonly dead: { readonly stateName: 'DeadLettered' | 'Superseded'; readonly message: string } | null;
  /** Upper bound for this request, well inside the remaining time of the invocation. */
  readonly timeoutMs: number;
}

export type FlowRunResult =
  /** A run has this key, made now or before by whomever; `record` is read from the label it carries. */
  | { readonly kind: 'run'; readonly record: FlowRunRecord }
  /** Refused for good: 400, 409 (schema), 413, 422, or not sendable. `detail` holds nothing of the request. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly detail: string;
      /** The code of a rejection, where Sluice refused it before Prefect could. Default: Prefect did. */
      readonly code?: string;
    }
  /** The deployment does not exist (404). */
  | { readonly kind: 'deployment-gone' }
  /**
   * A transient or unknown failure: 401, 403, 408, 429, 5xx, timeouts, connection errors. The run may still appear.
   * `status` is 0 if there was no response.
   */
  | {
      readonly kind: 'unavailable';
      /** The part that is out of reach. Default: Prefect. */
      readonly part?: 'overflow-store' | 'work-queue';
      /** The request was not sent, since Prefect is protected from it for now. */
      readonly heldBy?: HeldBy;
      readonly status: number;
      readonly detail: string;
      readonly retryAfterMs: number | null;
    };

/** What holds requests to Prefect back: the budget, Prefect's own wish, or the breaker while Prefect is down. */
export type HeldBy = 'budget' | 'prefect' | 'breaker';

export type FindFlowRunResult =
  | { readonly kind: 'run'; readonly record: FlowRunRecord }
  | { readonly kind: 'none' }
  | Extract<FlowRunResult, { kind: 'unavailable' }>;

export interface FlowRunClient {
  createFlowRun(request: FlowRunRequest): Promise<FlowRunResult>;
  /** The run with this idempotency key, whatever flow or deployment it belongs to. */
  findFlowRun(idempotencyKey: string, timeoutMs: number): Promise<FindFlowRunResult>;
}

export type DeploymentResult =
  | { readonly kind: 'deployment'; readonly deploymentId: string }
  | { readonly kind: 'not-found' }
  | Extract<FlowRunResult, { kind: 'unavailable' }>;

export interface DeploymentDirectory {
  /** Cached; `fresh` asks Prefect again. */
  resolveDeployment(flow: string, deployment: string, fresh: boolean): Promise<DeploymentResult>;
}

export type WorkQueueResult =
  | { readonly kind: 'found' }
  /** The pool of the deployment has no such queue; `workPool` is null when the deployment has no pool. */
  | { readonly kind: 'not-found'; readonly workPool: string | null }
  | Extract<FlowRunResult, { kind: 'deployment-gone' | 'unavailable' }>;

export interface WorkQueueDirectory {
  /** Look for a queue in the work pool of a deployment. Found ones are cached. */
  findWorkQueue(deploymentId: string, queue: string, timeoutMs: number): Promise<WorkQueueResult>;
}

/** A durable queue of events between the endpoint and the pipeline. */
export interface EventQueue {
  /** Resolves when all are stored. Throws `QueueUnavailableError` otherwise; some may be stored then. */
  sendEvents(messages: readonly QueueMessage[]): Promise<void>;
}

export interface QueueMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DeadLetterQueue {
  /** Resolves with the indexes that could not be stored (empty: all are). */
  sendDeadLetters(deadLetters: readonly string[]): Promise<readonly number[]>;
}

export interface SecretSource {
  /** The current text of a secret, cached for minutes; `refresh` reads it anew, at most once in a while. */
  readSecret(secretId: string, refresh: boolean): Promise<string>;
}

/** Documents on the web that verification needs: the keys of issuers, the certificates of Amazon SNS. */
export interface DocumentSource {
  /**
   * The text behind an https URL, cached; `refresh` fetches it anew, at most once in a while. Throws
   * `DocumentUnavailableError`.
   */
  readDocument(url: string, refresh: boolean): Promise<string>;
  /** A GET for the sake of what it does there. Resolves when it was answered 2xx, else throws the same. */
  visit(url: string): Promise<void>;
}

/** A parameter that Prefect does not take, as it is put into S3. */
export interface OverflowObject {
  /** Names its content and its batch: the same key always means the same bytes. */
  readonly key: string;
  /** JSON text of the parameter's value. */
  readonly bodyJson: string;
  /** Hash of the body in UTF-8, in hexadecimal digits. */
  readonly sha256: string;
}

export type StoreObjectResult =
  | { readonly kind: 'stored' }
  /** A transient or unknown failure: the object may be stored nevertheless. */
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface OverflowStore {
  readonly bucket: string;
  /** Put whole or not at all, and there for every reader once it is answered. Putting it again changes nothing. */
  storeObject(object: OverflowObject, timeoutMs: number): Promise<StoreObjectResult>;
}

export interface Clock {
  nowEpochMs(): number;
}

/** How long to wait before a request is sent again. */
export interface Backoff {
  /** `attempt` 1 is the pause after the first try. */
  pauseBeforeRetry(attempt: number): Promise<void>;
}

/** How long the invocation may still run; the pipeline stops asking for anything before it is over. */
export interface Deadline {
  remainingMs(): number;
}
