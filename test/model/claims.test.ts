import { CLAIM_MUTATIONS } from './claim-mutations.ts';
import { CLAIM_SETTINGS } from './claim-settings.ts';
import { describeMistakes, describePromises } from './describe-promises.ts';

describePromises('claims', CLAIM_SETTINGS);
describeMistakes('claims', CLAIM_SETTINGS, CLAIM_MUTATIONS);
