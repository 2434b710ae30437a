/** The times of a route's coalescing that are sound in themselves; null stands for what is absent or broken. */
import type { z } from 'zod';
import { debounceModel, slidingModel, windowModel } from './model/coalesce-model.ts';
import { readSound } from './sound-value.ts';
import { valueAt } from '../json/value-at.ts';

export type SoundCoalesce =
  | { readonly mode: 'window'; readonly maxWaitSeconds: number | null }
  | {
      readonly mode: 'debounce';
      readonly quietSeconds: number | null;
      readonly maxWaitSeconds: number | null;
    }
  | {
      readonly mode: 'sliding';
      readonly sizeSeconds: number | null;
      readonly everySeconds: number | null;
    };

/** Null for modes that keep no event waiting. */
export function readSoundCoalesce(coalesce: unknown): SoundCoalesce | null {
  const read = <Model extends z.ZodType>(model: Model, field: string): z.output<Model> | null =>
    readSound(model, valueAt(coalesce, [field]));
  const mode = valueAt(coalesce, ['mode']);
  switch (mode) {
    case 'window':
      return { mode, maxWaitSeconds: read(windowModel.shape.maxWait, 'maxWait') };
    case 'debounce': {
      const { quiet, maxWait } = debounceModel.shape;
      return { mode, quietSeconds: read(quiet, 'quiet'), maxWaitSeconds: read(maxWait, 'maxWait') };
    }
    case 'sliding': {
      const { size, every } = slidingModel.shape;
      return { mode, sizeSeconds: read(size, 'size'), everySeconds: read(every, 'every') };
    }
    default:
      return null;
  }
}

/** The longest that an event waits, or is still in a window to come. */
export function longestWaitSeconds(coalesce: SoundCoalesce): number | null {
  return coalesce.mode === 'sliding' ? coalesce.sizeSeconds : coalesce.maxWaitSeconds;
}
