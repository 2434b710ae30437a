/** `sources.<name>.respond`: what a request is answered with, and what must hold to answer with flow runs. */
import { z } from 'zod';
import type { CompiledRespond } from '../compiled-config/compiled.ts';
import type { CoalesceConfiguration } from './coalesce/model.ts';
import { longestWaitSeconds } from './coalesce/longest-wait.ts';
import type { ConfigIssue } from './issues/config-issue.ts';
import { durationInSeconds, durationText } from './scalars/duration.ts';
import { strictMap } from './scalars/strict-map.ts';
import type { Named, Valid } from './valid-parts.ts';

const DEFAULT_WAIT_SECONDS = 10;

/** Time for what comes before the wait (verification, the queue) and after it (a last query, the response). */
const SECONDS_BESIDE_WAIT = 4;

/** API Gateway ends a request after 30 s. */
const maxWait = durationInSeconds({ minimum: '2s', maximum: '25s', examples: ['10s'] });

export const respondModel = z
  .union([
    z
      .enum(['accepted', 'run', 'empty'])
      .describe(
        '`accepted`: 202 as soon as the events are stored. `run`: 201 with the flow runs that they became, where that is known within 10 seconds, else 202. `empty`: 200 without a body as soon as they are stored, for senders that take anything else for a failure.',
      ),
    strictMap(
      {
        mode: z.literal('run').describe('Answer with the flow runs.'),
        maxWait: maxWait
          .prefault(`${DEFAULT_WAIT_SECONDS}s`)
          .describe(
            'How long a request waits for its flow runs; longer than `queue.batchWindow`, and 4 seconds shorter than `function.timeout`.',
          ),
      },
      '`run` with another time to wait.',
    ),
  ])
  .optional()
  .describe(
    'Default: `accepted`, or `empty` where the preset of `verify` needs it. What a request is answered with once its events are stored. `run` is for routes without windows. [The HTTP endpoint](http.md#flow-runs-in-the-response) describes the responses.',
  );

export type RespondConfiguration = NonNullable<z.output<typeof respondModel>>;

/** Senders of which it is documented that they send again after any other response than 200, or one with a body. */
const SENDERS_OF_EMPTY_RESPONSES: readonly string[] = ['dropbox', 'meta', 'monday', 'okta', 'trello', 'xero'];

interface AnsweringSource {
  readonly respond?: RespondConfiguration | undefined;
  readonly verify: string | { readonly scheme: string };
}

export function compileRespond({ respond, verify }: AnsweringSource): CompiledRespond {
  if (respond === undefined) return { mode: needsEmptyResponse(verify) ? 'empty' : 'accepted' };
  if (respond === 'accepted' || respond === 'empty') return { mode: respond };
  return { mode: 'run', maxWaitSeconds: waitSeconds(respond) };
}

function needsEmptyResponse(verify: string | { readonly scheme: string }): boolean {
  return typeof verify !== 'string' && SENDERS_OF_EMPTY_RESPONSES.includes(verify.scheme);
}

function waitSeconds(respond: Exclude<RespondConfiguration, 'accepted' | 'empty'>): number {
  return respond === 'run' ? DEFAULT_WAIT_SECONDS : respond.maxWait;
}

interface RespondingSource {
  readonly respond?: Valid<RespondConfiguration> | null | undefined;
  readonly verify?: string | { readonly scheme: string } | null;
  readonly queue: { readonly batchWindow?: number | null | undefined } | null;
  readonly function: { readonly timeout: number | null } | null;
}

interface ReadingRoute {
  readonly from: readonly string[] | null;
  readonly coalesce: Valid<CoalesceConfiguration> | null;
}

export function respondRules(
  { name, part: source }: Named<RespondingSource>,
  routes: readonly Named<ReadingRoute>[],
): readonly ConfigIssue[] {
  const respond = source?.respond ?? 'accepted';
  if (source === null) return [];
  const { verify = null } = source;
  if (respond !== 'empty' && source.respond !== undefined && verify !== null && needsEmptyResponse(verify)) {
    return [responseRefusedBySender(name)];
  }
  if (respond === 'accepted' || respond === 'empty') return [];
  const wait = respond === 'run' ? DEFAULT_WAIT_SECONDS : respond.maxWait;
  if (wait === null) return [];
  return [
    ...timeoutRule(name, source.function?.timeout ?? null, wait),
    ...batchWindowRule(name, source.queue?.batchWindow ?? null, wait),
    ...routes.flatMap((route) => windowRule(name, route)),
  ];
}

function responseRefusedBySender(source: string): ConfigIssue {
  return {
    code: 'sender-needs-empty-response',
    at: ['sources', source, 'respond'],
    anchor: 'value',
    found: 'another response than empty for a sender that takes it for a failure, and sends again',
    fix: 'remove it: empty is the default for this scheme',
  };
}

function timeoutRule(source: string, timeoutSeconds: number | null, wait: number): readonly ConfigIssue[] {
  const neededSeconds = wait + SECONDS_BESIDE_WAIT;
  if (timeoutSeconds === null || timeoutSeconds >= neededSeconds) return [];
  return [
    {
      code: 'respond-wait-too-long',
      at: ['sources', source, 'respond'],
      anchor: 'value',
      found: `a wait of ${durationText(wait)} beside function.timeout: ${durationText(timeoutSeconds)}`,
      fix: `write function: { timeout: ${durationText(neededSeconds)} } or more, or a shorter maxWait`,
    },
  ];
}

function batchWindowRule(source: string, batchWindow: number | null, wait: number): readonly ConfigIssue[] {
  if (batchWindow === null || batchWindow < wait) return [];
  return [
    {
      code: 'respond-before-run',
      at: ['sources', source, 'queue', 'batchWindow'],
      anchor: 'value',
      found: `${durationText(batchWindow)}, and requests are answered after ${durationText(wait)}`,
      fix: 'write less, 0s for the shortest wait, or a longer maxWait under respond',
    },
  ];
}

/** A window outlives the request, and the flow run of its events is known only when it is flushed. */
function windowRule(source: string, { name, part: route }: Named<ReadingRoute>): readonly ConfigIssue[] {
  if (route?.from?.includes(source) !== true || route.coalesce === null) return [];
  const wait = longestWaitSeconds(route.coalesce);
  if (wait === 'none' || wait === 0) return [];
  return [
    {
      code: 'respond-before-run',
      at: ['sources', source, 'respond'],
      anchor: 'value',
      found: `run, and the route ${name} keeps events in windows`,
      fix: `remove it, or give the route ${name} a source of its own`,
    },
  ];
}
