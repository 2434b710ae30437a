import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { traceReport } from '../../cli/tracing/trace-report.ts';
import { codeBlocks } from '../support/docs/markdown.ts';

const page = readFileSync('docs/introspection.md', 'utf8');

describe('docs/introspection.md', () => {
  it('explains every option of sluice trace, and no other', () => {
    const help = execFileSync(process.execPath, ['cli/sluice.ts', 'trace', '--help'], { encoding: 'utf8' });
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name);
    const explained = new Set([...page.matchAll(/--[a-z][a-z-]+/g)].map(([name]) => name));
    const general = ['--help', '--json', '--stack', '--config'];
    for (const option of options.filter((name) => !general.includes(name ?? ''))) {
      expect([...explained]).toContain(option);
    }
    expect(options).toEqual(expect.arrayContaining([...explained]));
  });

  it('shows what the command prints', () => {
    const shown = codeBlocks('docs/introspection.md').find(({ language }) => language === 'text')?.text ?? '';
    const claimKey = 'C#process-orders#VhBa7CEYRzVgWfaP45s8cmAmFK0JbEb6xkpRrVKFCUc';
    const batchId = 'sY3TgNJ8Q2mUX0lSdE1i5A.Zk1c1b0gq2kXH1m3p0T9yL4v7n8oS6wR5uQeJfIaDcM';
    const flowRunId = '6b1f0c52-0a2c-4a34-9b1e-0d6d1b1d4f7a';
    const facts = {
      flowRunId,
      name: 'process-orders-491941d871cf',
      batchId,
      route: 'process-orders',
      members: [],
      stateType: 'COMPLETED',
      stateName: 'Completed',
      stateMessage: null,
      createdAt: '2026-11-28T12:03:10.512Z',
      startedAt: '2026-11-28T12:03:12.044Z',
      endedAt: '2026-11-28T12:03:15.907Z',
    };
    const expiresAtEpochSeconds = Date.parse('2026-12-13T12:03:10Z') / 1_000;
    const claim = { claimKey, batchId, leaseUntilEpochSeconds: 0, expiresAtEpochSeconds };
    const fate = {
      kind: 'in-run',
      run: { flowRunId, facts, missing: null },
      batch: { batchId, members: 37 },
    } as const;
    const traces = [{ claimKey, route: 'process-orders', claim, fates: [fate] }];
    const report = traceReport({ traces, run: null, logs: null, notes: [] }, 'the event with the key "A-1"');
    expect(report).toBe(shown.trimEnd());
  });
});
