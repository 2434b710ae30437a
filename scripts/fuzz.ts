/** `npm run fuzz -- --minutes 10`: hostile requests to the endpoint for as long as that, in a small heap. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from './stack/paths.ts';

/** A request has at most 30 kB here: what is kept of one after its answer would fill this within minutes. */
const HEAP_MEBIBYTES = 192;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write('usage: npm run fuzz -- --minutes <number>\n');
  process.exitCode = 2;
} else {
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
}
