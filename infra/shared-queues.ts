/**
 * Two installations must not read one queue: SQS may deliver a message to one and redeliver it to the other, which has
 * no claim for it, so that the event gets two flow runs.
 */
import type { Construct } from 'constructs';
import type { CompiledConfig, CompiledSqsSource } from '../lib/compiled-config/compiled.ts';

interface Installation extends Construct {
  readonly config: CompiledConfig;
}

/** List what is wrong with `own`, whose queues others in the app may read as well. */
export function findSharedQueues(own: Installation, others: readonly Installation[]): string[] {
  const queueArns = new Set(sqsSources(own).map(({ queueArn }) => queueArn));
  return others.flatMap((other) =>
    sqsSources(other)
      .filter(({ queueArn }) => queueArns.has(queueArn))
      .map(
        ({ name, queueArn }) =>
          `${other.node.path} reads the queue ${queueArn} as well (source ${name}). An event that is redelivered to ` +
          'the other installation gets a second flow run. Give each a queue of its own, for example subscribed to one topic.',
      ),
  );
}

function sqsSources({ config: { sources } }: Installation): readonly CompiledSqsSource[] {
  return Object.values(sources).filter((source) => source.type === 'sqs');
}
