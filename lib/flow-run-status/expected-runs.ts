/** Finds the events on routes that a request waits for, named as the pipeline will name them. */
import type { CompiledHttpSource, CompiledLimits } from '../compiled-config/compiled.ts';
import { decodeRecord } from '../event/decode.ts';
import { recordOfQueueMessage } from '../event/queue-message.ts';
import type { Member } from '../routing/member.ts';
import type { QueueMessage } from '../ports.ts';
import { matchEvent, type Route } from '../routing/route.ts';
import type { RouteStatus } from './status.ts';

export interface SourceRoutes {
  readonly source: CompiledHttpSource;
  readonly limits: CompiledLimits;
  /** The routes of the source. */
  readonly routes: readonly Route[];
}

/** An event on a route that takes it. Its status is read from the table, unless it is known already. */
export type ExpectedRun =
  | { readonly kind: 'member'; readonly route: string; readonly member: Member }
  | { readonly kind: 'known'; readonly progress: RouteStatus };

/** Decode the message as the pipeline will decode it, so that its events get the same dedupe keys. */
export function findExpectedRuns(
  message: QueueMessage,
  { source, limits, routes }: SourceRoutes,
): readonly ExpectedRun[] {
  const decoded = decodeRecord(recordOfQueueMessage(message), source, limits);
  if (decoded.kind === 'rejected') {
    return routes.map(({ config }) => deadLettered(config.name, decoded.rejection.code));
  }
  return decoded.events.flatMap((event) =>
    routes.flatMap((route): readonly ExpectedRun[] => {
      const { name } = route.config;
      const match = matchEvent(route, event);
      switch (match.kind) {
        case 'matched':
          return [{ kind: 'member', route: name, member: match.routed.member }];
        case 'rejected':
          return [deadLettered(name, match.rejection.code)];
        case 'unmatched':
          return [];
      }
    }),
  );
}

function deadLettered(route: string, code: string): ExpectedRun {
  return { kind: 'known', progress: { state: 'dead-lettered', route, code } };
}
