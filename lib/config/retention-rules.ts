/**
 * Whether claims live long enough: a claim that is forgotten while its event may still come again, or still waits in
 * a window, lets the event into a second flow run.
 */
import { durationText } from './model/duration.ts';
import type { ConfigIssue } from './problem.ts';
import { longestWaitSeconds } from './sound-coalesce.ts';
import type { SoundRoute, SoundSource } from './sound-parts.ts';

const SECONDS_PER_DAY = 86_400;

/** Of Sluice's own queues, and the most that SQS knows. */
const LONGEST_QUEUE_RETENTION_SECONDS = 14 * SECONDS_PER_DAY;
/** Of topics for which nothing else was configured: https://kafka.apache.org/documentation/#brokerconfigs_log.retention.hours */
const USUAL_TOPIC_RETENTION_SECONDS = 7 * SECONDS_PER_DAY;
const LONGEST_RETAIN_SECONDS = 400 * SECONDS_PER_DAY;

export function retentionRules(route: SoundRoute, sources: readonly SoundSource[]): readonly ConfigIssue[] {
  const { retentionSeconds, from } = route;
  if (retentionSeconds === null) return [];
  const read = sources.filter(({ name }) => from?.includes(name) === true);
  return [...waitRule(route, retentionSeconds), ...redeliveryRule(route, retentionSeconds, read)];
}

/** A day's margin: a window is flushed late while Prefect cannot be reached. */
function waitRule({ name, coalesce }: SoundRoute, retentionSeconds: number): readonly ConfigIssue[] {
  const waitSeconds = coalesce === null ? null : longestWaitSeconds(coalesce);
  // A window of 0s is none.
  if (coalesce === null || waitSeconds === null || waitSeconds === 0) return [];
  if (retentionSeconds >= waitSeconds + SECONDS_PER_DAY) return [];
  return [
    {
      code: retentionSeconds <= waitSeconds ? 'retention-shorter-than-wait' : 'retention-close-to-wait',
      at: ['routes', name, 'dedupe', 'retention'],
      anchor: 'value',
      found: `${durationText(retentionSeconds)}, and an event may be in an open window for ${durationText(waitSeconds)}`,
      fix: `write ${daysBeyond(waitSeconds)} or more, or a shorter ${coalesce.mode === 'sliding' ? 'size' : 'maxWait'}`,
    },
  ];
}

interface Redelivery {
  readonly source: string;
  readonly afterSeconds: number;
  /** What else can be done than to keep claims for longer. */
  readonly orElse: string | null;
}

function redeliveryRule(
  { name }: SoundRoute,
  retentionSeconds: number,
  sources: readonly SoundSource[],
): readonly ConfigIssue[] {
  const [latest] = sources
    .flatMap((source) => redeliveryOf(source) ?? [])
    .sort((one, other) => other.afterSeconds - one.afterSeconds);
  if (latest === undefined || retentionSeconds >= latest.afterSeconds) return [];
  const { source, afterSeconds, orElse } = latest;
  const longer = afterSeconds < LONGEST_RETAIN_SECONDS ? [`write ${daysBeyond(afterSeconds)} or more`] : [];
  return [
    {
      code: 'retention-shorter-than-redelivery',
      at: ['routes', name, 'dedupe', 'retention'],
      anchor: 'value',
      found: `${durationText(retentionSeconds)}, and the source ${source} may deliver an event again after ${durationText(afterSeconds)}`,
      fix: [...longer, ...(orElse === null ? [] : [orElse])].join(', or '),
    },
  ];
}

/** How long after it was first delivered an event of the source may come again; null for a broken source. */
function redeliveryOf({ name, type, retentionSeconds, kafka }: SoundSource): Redelivery | null {
  switch (type) {
    case 'http':
    case 'eventbridge':
      return { source: name, afterSeconds: LONGEST_QUEUE_RETENTION_SECONDS, orElse: null };
    case 'sqs': {
      if (retentionSeconds === null) return null;
      const orElse =
        retentionSeconds === undefined
          ? 'say how long the queue keeps messages: retention on the source'
          : null;
      return { source: name, afterSeconds: retentionSeconds ?? LONGEST_QUEUE_RETENTION_SECONDS, orElse };
    }
    case 'kafka': {
      if (retentionSeconds === null) return null;
      const afterSeconds = retentionSeconds ?? USUAL_TOPIC_RETENTION_SECONDS;
      if (kafka?.consumerGroup === undefined) {
        const orElse = 'name a consumerGroup, with which a new mapping does not read the topic again';
        return { source: name, afterSeconds, orElse };
      }
      // The group goes on where it was; what it has not committed comes again for as long as Prefect is away.
      return {
        source: name,
        afterSeconds: Math.min(afterSeconds, LONGEST_QUEUE_RETENTION_SECONDS),
        orElse: null,
      };
    }
    case null:
      return null;
  }
}

function daysBeyond(seconds: number): string {
  return durationText(Math.ceil(seconds / SECONDS_PER_DAY + 1) * SECONDS_PER_DAY);
}
