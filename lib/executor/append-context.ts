/** Context of an append: what the window protocol needs to know of the batch in hand. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { Batch } from '../batching/batch.ts';
import { dataBytes } from '../batching/coalesce.ts';
import { keyTextOf } from '../batching/group-key.ts';
import type { AppendContext } from '../protocol/append-to-window.ts';
import { routeVersionOf } from '../windows/route-version.ts';
import { sequenceMeaning, windowRulesOf } from '../windows/window-rules.ts';
import { windowSeriesOf } from '../windows/window.ts';

/** Returns null when the route has no windows. */
export function appendContextOf(
  { route, events }: Batch,
  deploymentRef: string,
  nowEpochMs: number,
): AppendContext | null {
  const { name, coalesce } = route.config;
  if (!isWindowing(coalesce)) return null;
  const rules = windowRulesOf(coalesce);
  const groupKey = events[0]?.groupKey ?? '';
  const bytes = new Map(events.map(({ member, event }) => [member.claimKey, dataBytes(event)]));
  return {
    series: windowSeriesOf(name, sequenceMeaning(rules), groupKey),
    key: keyTextOf(groupKey),
    rules,
    routeVersion: routeVersionOf(route.config).version,
    deploymentRef,
    nowEpochMs,
    bytesOf: ({ claimKey }) => bytes.get(claimKey) ?? 0,
    urgent: new Set(events.filter(({ bypass }) => bypass).map(({ member }) => member.claimKey)),
  };
}
