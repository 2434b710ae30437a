import { APPEND_MUTATIONS } from './append-mutations.ts';
import { APPEND_SETTINGS } from './append-settings.ts';
import { describeMistakes, describePromises } from './describe-promises.ts';
import { WINDOW_SETTINGS } from './window-settings.ts';

describePromises('appends', APPEND_SETTINGS);
describeMistakes('appends', WINDOW_SETTINGS, APPEND_MUTATIONS);
