import { fakePrefectParts } from '../support/parts/prefect-contract-parts.ts';
import { defineFlowRunClientContract } from './flow-run-client.contract.ts';
import { defineFlowRunCounterContract } from './flow-run-counter.contract.ts';
import { defineFlowRunInspectorContract } from './flow-run-inspector.contract.ts';
import { defineWorkQueueDirectoryContract } from './work-queue-directory.contract.ts';

defineFlowRunClientContract('the fake', async () => fakePrefectParts());
defineFlowRunCounterContract('the fake', async () => fakePrefectParts());
defineWorkQueueDirectoryContract('the fake', async () => fakePrefectParts());
defineFlowRunInspectorContract('the fake', async () => fakePrefectParts());
