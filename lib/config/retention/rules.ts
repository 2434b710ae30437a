/**
 * Whether claims live long enough: when a claim expires while its event may still be redelivered, or still waits in a
 * window, the event enters a second flow run.
 */
import { longestWaitSeconds } from '../coalesce/longest-wait.ts';
import type { CoalesceConfiguration } from '../coalesce/model.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { durationText } from '../scalars/duration.ts';
import type { Named, Valid } from '../valid-parts.ts';

const SECONDS_PER_DAY = 86_400;

/** The retention of Sluice's own queues, and the maximum of SQS. */
const LONGEST_QUEUE_RETENTION_SECONDS = 14 * SECONDS_PER_DAY;
/** Kafka's default: https://kafka.apache.org/documentation/#brokerconfigs_log.retention.hours */
const USUAL_TOPIC_RETENTION_SECONDS = 7 * SECONDS_PER_DAY;
const LONGEST_CLAIM_RETENTION_SECONDS = 400 * SECONDS_PER_DAY;

interface ClaimingRoute {
  readonly from: readonly string[] | null;
  readonly dedupe: { readonly retention: number | null } | null;
  readonly coalesce: Valid<CoalesceConfiguration> | null;
}

type RedeliveringSource =
  | { readonly type: 'http' }
  | { readonly type: 'eventbridge' }
  | { readonly type: 'sqs'; readonly retention?: number | null | undefined }
  | {
      readonly type: 'kafka';
      readonly retention?: number | null | undefined;
      readonly consumerGroup?: string | null | undefined;
      readonly consumerGroupPrefix?: string | null | undefined;
    };

export function retentionRules(
  { name, part: route }: Named<ClaimingRoute>,
  sources: readonly Named<RedeliveringSource>[],
): readonly ConfigIssue[] {
  const retentionSeconds = route?.dedupe?.retention ?? null;
  if (route === null || retentionSeconds === null) return [];
  const read = sources.filter((source) => route.from?.includes(source.name) === true);
  return [
    ...(route.coalesce === null ? [] : waitRule(name, route.coalesce, retentionSeconds)),
    ...redeliveryRule(name, retentionSeconds, read),
  ];
}

/** A day's margin: a window is flushed late while Prefect is unreachable. */
function waitRule(
  route: string,
  coalesce: Valid<CoalesceConfiguration>,
  retentionSeconds: number,
): readonly ConfigIssue[] {
  const waitSeconds = longestWaitSeconds(coalesce);
  if (waitSeconds === 'none' || waitSeconds === null || waitSeconds === 0) return [];
  if (retentionSeconds >= waitSeconds + SECONDS_PER_DAY) return [];
  return [
    {
      code: retentionSeconds <= waitSeconds ? 'retention-shorter-than-wait' : 'retention-close-to-wait',
      at: ['routes', route, 'dedupe', 'retention'],
      anchor: 'value',
      found: `${durationText(retentionSeconds)}, and an event may be in an open window for ${durationText(waitSeconds)}`,
      fix: `write ${daysBeyond(waitSeconds)} or more, or ${shorterWait(coalesce)}`,
    },
  ];
}

function shorterWait(coalesce: Valid<CoalesceConfiguration>): string {
  if (coalesce.mode === 'sliding') return 'a shorter size';
  return 'at' in coalesce && coalesce.at !== undefined ? 'times that come more often' : 'a shorter maxWait';
}

interface Redelivery {
  readonly source: string;
  readonly afterSeconds: number;
  /** An alternative to keeping claims for longer. */
  readonly alternative: string | null;
}

function redeliveryRule(
  route: string,
  retentionSeconds: number,
  sources: readonly Named<RedeliveringSource>[],
): readonly ConfigIssue[] {
  const [latest] = sources
    .flatMap(({ name, part }) => (part === null ? [] : (latestRedelivery(name, part) ?? [])))
    .sort((one, other) => other.afterSeconds - one.afterSeconds);
  if (latest === undefined || retentionSeconds >= latest.afterSeconds) return [];
  const { source, afterSeconds, alternative } = latest;
  const longer =
    afterSeconds < LONGEST_CLAIM_RETENTION_SECONDS ? [`write ${daysBeyond(afterSeconds)} or more`] : [];
  return [
    {
      code: 'retention-shorter-than-redelivery',
      at: ['routes', route, 'dedupe', 'retention'],
      anchor: 'value',
      found: `${durationText(retentionSeconds)}, and the source ${source} may deliver an event again after ${durationText(afterSeconds)}`,
      fix: [...longer, ...(alternative === null ? [] : [alternative])].join(', or '),
    },
  ];
}

/** Return how long after its first delivery an event may be redelivered, or null when that field is broken. */
function latestRedelivery(name: string, source: RedeliveringSource): Redelivery | null {
  if (source.type === 'http' || source.type === 'eventbridge') {
    return { source: name, afterSeconds: LONGEST_QUEUE_RETENTION_SECONDS, alternative: null };
  }
  const { retention } = source;
  if (retention === null) return null;
  if (source.type === 'sqs') {
    const alternative =
      retention === undefined ? 'state how long the queue keeps messages: retention on the source' : null;
    return { source: name, afterSeconds: retention ?? LONGEST_QUEUE_RETENTION_SECONDS, alternative };
  }
  const afterSeconds = retention ?? USUAL_TOPIC_RETENTION_SECONDS;
  if (source.consumerGroup === undefined && source.consumerGroupPrefix === undefined) {
    const alternative =
      'name a consumerGroup (or a consumerGroupPrefix), with which a new mapping does not read the topic again';
    return { source: name, afterSeconds, alternative };
  }
  // The group resumes where it was; what it has not committed is redelivered for as long as Prefect is down.
  const redelivered = Math.min(afterSeconds, LONGEST_QUEUE_RETENTION_SECONDS);
  return { source: name, afterSeconds: redelivered, alternative: null };
}

function daysBeyond(seconds: number): string {
  return durationText(Math.ceil(seconds / SECONDS_PER_DAY + 1) * SECONDS_PER_DAY);
}
