/** Compile `coalesce`. */
import type { ClosingSchedule, CompiledCoalescing } from '../../compiled-config/compiled-coalescing.ts';
import { parseAwsCron } from './aws-cron.ts';
import type { CoalesceConfiguration } from './model.ts';

export function compileCoalescing(coalesce: CoalesceConfiguration): CompiledCoalescing {
  if (coalesce.mode === 'none') return { mode: 'none' };
  const { key, maxEvents, maxBytes } = coalesce;
  const caps = { key: key ?? null, maxEvents, maxBytes };
  switch (coalesce.mode) {
    case 'invocation':
      return { mode: 'invocation', ...caps };
    case 'window': {
      const { maxWait, at, zone = 'UTC', bypassWhen } = coalesce;
      if (at !== undefined) return { mode: 'clock', ...caps, at, closings: closingSchedule(at, zone) };
      // Without a wait nothing has to outlive the invocation: no window, no timer, no second write.
      if (maxWait === undefined || maxWait === 0) return { mode: 'invocation', ...caps };
      return { mode: 'window', ...caps, maxWaitSeconds: maxWait, bypassWhen: bypassWhen ?? null };
    }
    case 'debounce': {
      const { quiet, maxWait, bypassWhen } = coalesce;
      return {
        mode: 'debounce',
        ...caps,
        quietSeconds: quiet,
        maxWaitSeconds: maxWait,
        bypassWhen: bypassWhen ?? null,
      };
    }
    case 'sliding':
      return { mode: 'sliding', ...caps, sizeSeconds: coalesce.size, everySeconds: coalesce.every };
  }
}

/** The expression was checked when it was read. */
export function closingSchedule(at: string, zone: string): ClosingSchedule {
  const parsed = parseAwsCron(at);
  return { patterns: parsed.kind === 'cron' ? parsed.patterns : [], zone };
}
