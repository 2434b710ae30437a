import { FLUSH_MUTATIONS } from './flush-mutations.ts';
import { FLUSH_SETTINGS } from './flush-settings.ts';
import { describeMistakes, describePromises } from './describe-promises.ts';
import { WINDOW_SETTINGS } from './window-settings.ts';

describePromises('flushes', FLUSH_SETTINGS);
describeMistakes('flushes', WINDOW_SETTINGS, FLUSH_MUTATIONS);
