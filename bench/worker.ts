/**
 * The measured process: loads one bundled handler and invokes it. It reports over IPC and does nothing else, so that
 * the resources it uses are those of the handler.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { makeDeliveries, type Workload } from './order-messages.ts';

export interface WorkerRequest {
  readonly bundle: string;
  readonly workload: Workload;
  readonly salt: string;
  readonly warmUpInvocations: number;
  readonly measuredInvocations: number;
  /** File for a CPU profile of the measured invocations; `null` takes none. */
  readonly profileFile: string | null;
}

export type WorkerReport =
  | { readonly kind: 'first invoke'; readonly firstInvokeMs: number; readonly loadsUndici: boolean }
  /** Sent after the warm-up. The parent resets the counters, then sends `continue`. */
  | { readonly kind: 'warm' }
  | {
      readonly kind: 'measured';
      readonly events: number;
      readonly freshEvents: number;
      readonly cpuMicroseconds: number;
      readonly wallMs: number;
      readonly failures: number;
    };

/** The context as the Node 24 runtime passes it: without the deprecated callbacks. */
type LambdaContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

interface Handler {
  readonly handler: (event: SQSEvent, context: LambdaContext) => Promise<SQSBatchResponse | undefined>;
}

const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'orders',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders',
  logGroupName: '/aws/lambda/orders',
  logStreamName: '2027/01/15/[$LATEST]0123456789abcdef',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 60_000,
} satisfies LambdaContext;

function report(message: WorkerReport): void {
  process.send?.(message);
}

function waitForParent(): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => {
      resolve();
    });
  });
}

async function measure(request: WorkerRequest): Promise<void> {
  const { warmUpInvocations, measuredInvocations } = request;
  const deliveries = makeDeliveries(request.workload, warmUpInvocations + measuredInvocations, request.salt);

  const startedAt = performance.now();
  const { handler } = createRequire(import.meta.url)(request.bundle) as Handler;
  await handler(deliveries.seed, context);
  const firstInvokeMs = performance.now() - startedAt;
  report({ kind: 'first invoke', firstInvokeMs, loadsUndici: loadsUndici() });
  if (measuredInvocations === 0) return;

  for (const event of deliveries.events.slice(0, warmUpInvocations)) await handler(event, context);
  const fresh = freshCountOf(request);
  const resumed = waitForParent();
  report({ kind: 'warm' });
  await resumed;

  const stopProfile = request.profileFile === null ? null : await startProfile(request.profileFile);
  let failures = 0;
  const measured = deliveries.events.slice(warmUpInvocations);
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  for (const event of measured) {
    const response = await handler(event, context);
    failures += response?.batchItemFailures.length ?? 0;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = performance.now() - wallBefore;
  await stopProfile?.();
  report({
    kind: 'measured',
    events: measured.reduce((sum, { Records }) => sum + Records.length, 0),
    freshEvents: deliveries.freshCount - fresh,
    cpuMicroseconds: user + system,
    wallMs,
    failures,
  });
}

async function startProfile(file: string): Promise<() => Promise<void>> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    session.disconnect();
  };
}

/** Count the fresh events of the warm-up. */
function freshCountOf({ workload, warmUpInvocations, salt }: WorkerRequest): number {
  return makeDeliveries(workload, warmUpInvocations, salt).freshCount;
}

/** Tell whether undici, which is slow to load, was loaded. Node keeps this list for its own tests; there is no other way. */
function loadsUndici(): boolean {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList: readonly string[] };
  return moduleLoadList.some((name) => name.includes('undici'));
}

process.once('message', (request: WorkerRequest) => {
  void measure(request).then(() => {
    process.disconnect();
  });
});
