/** The decision code as it is. */
import { settleBatch } from '../../lib/protocol/claim-batch.ts';
import { overdueWindows } from '../../lib/reconcile/window-sweep.ts';
import { flushWindow } from '../../lib/protocol/flush-window.ts';
import { sealWindow } from '../../lib/protocol/seal-window.ts';
import type { DecisionCode } from './worker.ts';

export const DECISION_CODE: DecisionCode = { settleBatch, sealWindow, flushWindow, overdueWindows };
