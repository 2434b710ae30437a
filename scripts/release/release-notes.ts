/** Prints the section of CHANGELOG.md for a tag: `node scripts/release/release-notes.ts v1.2.3`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../stack/paths.ts';
import { changelogSection } from './changelog.ts';

const [tag = ''] = process.argv.slice(2);
const section = changelogSection(
  readFileSync(join(projectFolder, 'CHANGELOG.md'), 'utf8'),
  tag.replace(/^v/, ''),
);
if (section === null) {
  console.error(`CHANGELOG.md has no section for ${tag}.`);
  process.exitCode = 1;
} else {
  console.log(section);
}
