import { fakePrefectParts } from '../support/prefect-contract-parts.ts';
import { defineFlowRunClientContract } from './flow-run-client.contract.ts';

defineFlowRunClientContract('the fake', async () => fakePrefectParts());
