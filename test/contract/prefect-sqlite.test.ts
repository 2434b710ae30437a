import { inject } from 'vitest';
import '../support/setup/provided.ts';
import { realPrefectParts } from '../support/parts/prefect-contract-parts.ts';
import { defineFlowRunClientContract } from './flow-run-client.contract.ts';
import { defineFlowRunCounterContract } from './flow-run-counter.contract.ts';
import { defineFlowRunInspectorContract } from './flow-run-inspector.contract.ts';
import { defineParametersContract } from './parameters.contract.ts';
import { defineWorkPoolContract } from './work-pool.contract.ts';
import { defineWorkQueueDirectoryContract } from './work-queue-directory.contract.ts';

const apiUrl = inject('prefectApiUrl');
defineFlowRunClientContract('Prefect with SQLite', () => realPrefectParts(apiUrl));
defineFlowRunCounterContract('Prefect with SQLite', () => realPrefectParts(apiUrl));
defineWorkQueueDirectoryContract('Prefect with SQLite', () => realPrefectParts(apiUrl));
defineFlowRunInspectorContract('Prefect with SQLite', () => realPrefectParts(apiUrl));
defineParametersContract('Prefect with SQLite', () => realPrefectParts(apiUrl));
defineWorkPoolContract('Prefect with SQLite', apiUrl);
