import { defineConfig } from 'vitest/config';
import { LastTestFile } from './test/support/last-test-file.ts';

// Left to itself vitest keeps one core free: on two cores, which CI has, test files would run one after the other.
const EVERY_CORE = '100%';

// unit and infra need nothing but Node; contract, integration and e2e are given real parts by their global set-up.
export default defineConfig({
  test: {
    sequence: { sequencer: LastTestFile },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{contract,infra,integration,e2e}/**'],
          maxWorkers: EVERY_CORE,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          maxWorkers: EVERY_CORE,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          maxWorkers: EVERY_CORE,
          globalSetup: ['test/support/setup/contract.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          maxWorkers: EVERY_CORE,
          globalSetup: ['test/support/setup/integration.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/setup/e2e.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
