import { describeMistakes, describePromises } from './describe-promises.ts';
import { REDRIVE_MUTATIONS } from './redrive-mutations.ts';
import { REDRIVE_SETTINGS } from './redrive-settings.ts';

describePromises('redrives', REDRIVE_SETTINGS);
describeMistakes('redrives', REDRIVE_SETTINGS, REDRIVE_MUTATIONS);
