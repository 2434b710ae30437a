import { describePromises } from './describe-promises.ts';
import { WINDOW_MUTATIONS } from './window-mutations.ts';
import { WINDOW_SETTINGS } from './window-settings.ts';

describePromises('windows', WINDOW_SETTINGS, WINDOW_MUTATIONS);
