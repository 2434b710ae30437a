/** Checks the version of Node, then runs a program in TypeScript: `node bin/run.mjs <program.ts> [argument…]`. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './require-node.mjs';

requireNode();
const [, , program] = process.argv;
if (program === undefined) {
  console.error('Usage: node bin/run.mjs <program.ts> [argument…]');
  process.exit(2);
}
// The program finds its arguments where it would find them without this launcher.
process.argv.splice(1, 2, resolve(program));
await import(pathToFileURL(resolve(program)).href);
