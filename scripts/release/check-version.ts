/** Fails a release whose tag does not fit package.json and CHANGELOG.md: `node scripts/release/check-version.ts v1.2.3`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { projectFolder } from '../stack/paths.ts';
import { releaseProblems } from './changelog.ts';

const [tag = ''] = process.argv.slice(2);
const changelog = readFileSync(join(projectFolder, 'CHANGELOG.md'), 'utf8');
const problems = releaseProblems(tag, packageJson.version, changelog);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
