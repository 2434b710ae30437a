/** The decision code as it is. */
import { settleBatch } from '../../lib/idempotency/protocol.ts';
import { overdueWindows } from '../../lib/reconcile/window-sweep.ts';
import { flushWindow } from '../../lib/windows/flush.ts';
import { sealWindow } from '../../lib/windows/seal.ts';
import type { DecisionCode } from './job.ts';

export const DECISION_CODE: DecisionCode = { settleBatch, sealWindow, flushWindow, overdueWindows };
