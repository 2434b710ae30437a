/** On which terms the events of a batch in hand would go into a window. */
import type { Batch } from '../batching/batch.ts';
import { dataBytes } from '../batching/coalesce.ts';
import type { AppendTerms } from './append.ts';
import { routeVersionOf } from './route-version.ts';
import { sequenceMeaning, windowRulesOf } from './window-rules.ts';
import { windowLineOf } from './window.ts';

/** Null when the route has no windows. */
export function appendTermsOf(
  { route, events }: Batch,
  deploymentRef: string,
  nowEpochMs: number,
): AppendTerms | null {
  const { name, coalesce } = route.config;
  if (coalesce.mode === 'none' || coalesce.mode === 'invocation') return null;
  const rules = windowRulesOf(coalesce);
  const key = events[0]?.groupKey ?? '';
  const bytes = new Map(events.map(({ member, event }) => [member.claimKey, dataBytes(event)]));
  return {
    line: windowLineOf(name, sequenceMeaning(rules), key),
    key,
    rules,
    routeVersion: routeVersionOf(route.config).version,
    deploymentRef,
    nowEpochMs,
    bytesOf: ({ claimKey }) => bytes.get(claimKey) ?? 0,
    urgent: new Set(events.filter(({ bypass }) => bypass).map(({ member }) => member.claimKey)),
  };
}
