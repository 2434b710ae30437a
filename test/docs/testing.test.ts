import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../cli/explain.ts';
import { testRoutes } from '../../cli/test-routes.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';
import { codeBlocks } from '../support/docs/markdown.ts';

const CONFIG = join(projectFolder, 'sluice.yaml');
const blocks = codeBlocks('docs/testing.md');
const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-testing-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('docs/testing.md', () => {
  it('shows a test that passes with the sample configuration', async () => {
    const [yaml] = blocks.filter(({ language }) => language === 'yaml');
    const file = write('sluice.test.yaml', yaml?.text ?? '');
    const { exitCode, output } = await testRoutes([file], { config: CONFIG, json: false });
    expect(output).toContain('passed  paid orders of one region share a flow run');
    expect(exitCode).toBe(0);
  });

  it('shows the report of that test with another total', async () => {
    const [yaml] = blocks.filter(({ language }) => language === 'yaml');
    const text = (yaml?.text ?? '').replace(
      'body: { orderId: A-2, total: 30',
      'body: { orderId: A-2, total: 31',
    );
    const file = write('failing.test.yaml', text);
    const { exitCode, output } = await testRoutes([file], { config: CONFIG, json: false });
    expect(exitCode).toBe(1);
    expect(blocks.map((block) => block.text.trim())).toContain(
      output.replace(file, 'sluice.test.yaml').trim(),
    );
  });

  it('shows what explain prints', async () => {
    const event = write('order.json', '{"orderId":"A-1","total":5,"region":"eu"}');
    const { output } = await explain(null, {
      config: CONFIG,
      event,
      source: 'orders-hook',
      header: [],
      json: false,
    });
    const shown = blocks.find(({ text }) => text.startsWith('Event '))?.text ?? '';
    // The id is the hash of the body.
    expect(output.replace(/sha256-\S+/, 'sha256-…')).toBe(shown.trimEnd().replace(/sha256-\S+/, 'sha256-…'));
  });
});
