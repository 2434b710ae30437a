import type { Clock } from '../ports.ts';

export const systemClock: Clock = { nowEpochMs: () => Date.now() };
