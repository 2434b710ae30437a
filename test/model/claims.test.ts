import { describePromises } from './describe-promises.ts';
import { CLAIM_MUTATIONS } from './claim-mutations.ts';
import { CLAIM_SETTINGS } from './claim-settings.ts';

describePromises('claims', CLAIM_SETTINGS, CLAIM_MUTATIONS);
