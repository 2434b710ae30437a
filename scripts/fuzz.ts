/** `npm run fuzz -- --minutes 10`: sends hostile requests to the endpoint for that time, in a small heap. */
import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parsePositiveNumber } from './option-values.ts';
import { projectFolder } from './stack/paths.ts';

/** A request has at most 30 kB here, so memory that leaks per request exhausts this heap within minutes. */
const HEAP_MEBIBYTES = 192;

const { minutes } = new Command('npm run fuzz --')
  .description('Sends random hostile requests to the endpoint in a small heap.')
  .option('--minutes <number>', 'how long to run', parsePositiveNumber, 10)
  .parse()
  .opts<{ minutes: number }>();
const { status } = spawnSync(
  process.execPath,
  [
    join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--project', 'unit', '--pool', 'forks', 'test/functions/http-ingest/hostile.test.ts'],
  ],
  {
    cwd: projectFolder,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MEBIBYTES}`,
      SLUICE_FUZZ_MINUTES: String(minutes),
    },
  },
);
process.exitCode = status ?? 1;
