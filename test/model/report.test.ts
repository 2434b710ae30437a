/**
 * docs/mutations.md is what `npm run generate` writes. Each row is held by the test that explores what it says; that
 * nothing else stands there, and all of it in its place, takes no exploration.
 */
import { describe, expect, it } from 'vitest';
import { BROKEN_ASSUMPTIONS } from './assumptions.ts';
import { CLAIM_MUTATIONS } from './claim-mutations.ts';
import { CLAIM_SETTINGS } from './claim-settings.ts';
import type { Mutation } from './mutation.ts';
import { REDRIVE_MUTATIONS } from './redrive-mutations.ts';
import { REDRIVE_SETTINGS } from './redrive-settings.ts';
import { modelReport, readReport, type ExploredProtocol } from './report.ts';
import type { Exploration } from './search.ts';
import { WINDOW_MUTATIONS } from './window-mutations.ts';
import { WINDOW_SETTINGS } from './window-settings.ts';

const PROTOCOLS = [
  { title: 'Claims', settings: CLAIM_SETTINGS, mutations: CLAIM_MUTATIONS },
  { title: 'Windows', settings: WINDOW_SETTINGS, mutations: WINDOW_MUTATIONS },
  { title: 'Redrives', settings: REDRIVE_SETTINGS, mutations: REDRIVE_MUTATIONS },
];

interface Protocol {
  readonly title: string;
  readonly settings: object;
  readonly mutations: readonly Mutation[];
}

/** The cells of the tables of a section. */
function rowsOf(title: string, page: string): readonly (readonly string[])[] {
  const [, after = ''] = page.split(`\n## ${title}\n`);
  const [section = ''] = after.split('\n## ');
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

function explorationOf(promise: string, trace: string): Exploration {
  const labels = trace === 'without any fault' ? [] : trace.split(' · ');
  return { states: 0, violation: { promise, trace: labels } };
}

/** What the page says of a protocol, by the names that the model has. */
function readProtocol({ title, settings, mutations }: Protocol, page: string): ExploredProtocol {
  const rows = rowsOf(title, page);
  const statesOf = (name: string): number =>
    Number(rows.find(([first]) => first === name)?.[1]?.replaceAll(',', ''));
  return {
    title,
    settings: Object.keys(settings).map((name) => [name, { states: statesOf(name), violation: null }]),
    mutations: mutations.map((mutation) => {
      const { id, breaksUnder } = mutation;
      const [, , promise = '', found = ''] = rows.find(([first]) => first === id) ?? [];
      return [mutation, explorationOf(promise, found.slice(`${breaksUnder}: `.length))];
    }),
  };
}

describe('the page of mistakes', () => {
  it('is what the generator writes of what its rows say', async () => {
    const page = (await readReport()).join('\n');
    const protocols = PROTOCOLS.map((protocol) => readProtocol(protocol, page));
    const rows = rowsOf('Assumptions', page);
    const assumptions = BROKEN_ASSUMPTIONS.map((assumption) => {
      const [, , promise = '', trace = ''] = rows.find(([, broken]) => broken === assumption.broken) ?? [];
      return [assumption, explorationOf(promise, trace)] as const;
    });
    expect(page, 'npm run generate').toBe(modelReport(protocols, assumptions));
  });
});
