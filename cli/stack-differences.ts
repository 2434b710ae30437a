/** What a deployment of a configuration file would do to what a stack has deployed, as lines for people. */
import type { DeployedRoute } from '../lib/adapters/aws/stack-discovery.ts';

export interface Compared {
  readonly file: string;
  readonly stack: string;
}

/** Names with a colon belong to functions that serve no single source. */
export function describeRemovedSources(
  deployed: readonly string[],
  configured: readonly string[],
  { file, stack }: Compared,
): readonly string[] {
  const removed = [...new Set(deployed)].filter((name) => !name.includes(':') && !configured.includes(name));
  return removed
    .toSorted()
    .map(
      (name) =>
        `warning: source ${name} of stack ${stack} is not in ${file}. A deployment takes the reader of its queues away, ` +
        'and their events expire. To rename or remove it, set retired: true first and let its queues drain.',
    );
}

const DRAIN =
  'So stop the producers or wait until queues are empty and topics are read to their end, and deploy then: ' +
  'docs/deploy.md#renaming-and-removing.';

/** A route that starts the deployment of a removed one has probably taken its place. */
export function describeRemovedRoutes(
  deployed: readonly DeployedRoute[],
  configured: readonly DeployedRoute[],
  { file, stack }: Compared,
): readonly string[] {
  const names = new Set(configured.map(({ name }) => name));
  const former = new Set(deployed.map(({ name }) => name));
  const added = configured.filter(({ name }) => !former.has(name));
  return deployed
    .filter(({ name }) => !names.has(name))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ name, deployment }) => {
      const successors = added.filter((route) => route.deployment === deployment).map((route) => route.name);
      const found = `warning: route ${name} of stack ${stack} is not in ${file}`;
      if (successors.length === 0) {
        return (
          `${found}. Events that were accepted for it and are not processed by the time of a deployment are ` +
          `dead-lettered as route-removed. ${DRAIN}`
        );
      }
      return (
        `${found}, and ${successors.join(', ')}, which starts ${deployment} as well, is new. If that is its new name: ` +
        'claims are of the old name, so an event that was processed under it and is redelivered after a deployment ' +
        `gets a second flow run, and an event that only ${name} wanted is dead-lettered as route-removed. ${DRAIN}`
      );
    });
}

/** `readers` are functions outside the stack that read the queue of `source`. */
export function describeForeignReaders(
  source: string,
  queueArn: string,
  readers: readonly string[],
  { stack }: Compared,
): readonly string[] {
  return readers.map(
    (reader) =>
      `error: the queue ${queueArn} of source ${source} is read by the function ${reader} already, which is not in ` +
      `stack ${stack}. Each message goes to one of the two, and an event that is redelivered to the other gets a ` +
      'second flow run. Take the queue away from the other function first, or give this source a queue of its own: ' +
      'docs/deploy.md#renaming-and-removing.',
  );
}
