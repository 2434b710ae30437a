/**
 * Ends the process with one line when its Node is too old. Node before 24.12 does not run TypeScript as this project
 * writes it, and would print a stack trace instead. This is JavaScript that Node 18 can run, so that it gets to say so.
 */
import { readFileSync } from 'node:fs';

const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const oldest = packageJson.engines.node.replace('>=', '');

export function requireNode() {
  if (isAtLeast(process.versions.node, oldest)) return;
  console.error(
    `Sluice needs Node ${oldest} or newer; this is ${process.version} (${process.execPath}). ` +
      'Install it, for example with `nvm install`, which reads .nvmrc.',
  );
  process.exit(2);
}

function isAtLeast(version, other) {
  const [major, minor] = version.split('.').map(Number);
  const [otherMajor, otherMinor = 0] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor >= otherMinor);
}
