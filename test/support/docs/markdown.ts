/** Code in the Markdown files that users read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../scripts/stack/paths.ts';

export interface CodeBlock {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  /** The language of the fence, or an empty string. */
  readonly language: string;
  readonly text: string;
}

export interface InlineCode {
  readonly file: string;
  readonly text: string;
}

/** The generated reference has its own test: each example in it is the output of `validate`. */
const GENERATED = ['configuration.md', 'mutations.md'];

export const MARKDOWN_FILES: readonly string[] = [
  ...readdirSync(projectFolder).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(projectFolder, 'docs'))
    .filter((name) => name.endsWith('.md') && !GENERATED.includes(name))
    .map((name) => `docs/${name}`),
];

const FENCE = /^```(\S*)[^\n]*\n(.*?)^```$/gms;

export function codeBlocks(file: string): readonly CodeBlock[] {
  const markdown = readFileSync(join(projectFolder, file), 'utf8');
  return [...markdown.matchAll(FENCE)].map(({ 1: language = '', 2: text = '', index }) => ({
    file,
    line: markdown.slice(0, index).split('\n').length + 1,
    language,
    text,
  }));
}

export function inlineCode(file: string): readonly InlineCode[] {
  const markdown = readFileSync(join(projectFolder, file), 'utf8').replaceAll(FENCE, '');
  return [...markdown.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ file, text }));
}
