/** What docs/overflow.md tells users to copy. */
import { readFileSync } from 'node:fs';

export const OVERFLOW_PAGE = readFileSync(new URL('../../../docs/overflow.md', import.meta.url), 'utf8');

export function blocksOf(language: 'python' | 'yaml' | 'json'): readonly string[] {
  const blocks = OVERFLOW_PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'));
  return Array.from(blocks, ([, block = '']) => block);
}

/** The function that a flow copies. @throws when the page has none */
export function fromSluice(): string {
  const found = blocksOf('python').find((block) => block.startsWith('def from_sluice'));
  if (found === undefined) throw new Error('docs/overflow.md has no function from_sluice');
  return found;
}

/** What it imports. */
export function importsOfFromSluice(): string {
  const flow = blocksOf('python').find((block) => block.startsWith('import'));
  return (flow ?? '').slice(0, flow?.indexOf('\n@flow'));
}
