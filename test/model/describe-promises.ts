/** The tests of a protocol: it keeps its promises in every setting, and every mistake in it breaks one. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import { MutantFolder } from './mutant.ts';
import { exploreMutant, type Mutation } from './mutation.ts';
import { mutationRow, settingRow } from './report.ts';
import type { Setting } from './setting.ts';

const REPORT = new URL('../../docs/mutations.md', import.meta.url);

export function describePromises<Name extends string>(
  protocol: string,
  settings: Readonly<Record<Name, Setting>>,
  mutations: readonly Mutation<Name>[],
): void {
  const names = Object.keys(settings) as Name[];
  let report: readonly string[] = [];
  beforeAll(async () => {
    report = (await readFile(REPORT, 'utf8')).split('\n');
  });

  describe(`the protocol of ${protocol}, through every interleaving`, () => {
    it.each(names)('keeps every promise with %s', (name) => {
      const exploration = explore(DECISION_CODE, settings[name]);
      console.log(`${name}: ${exploration.states} states`);
      expect(exploration.violation).toBeNull();
      expect(exploration.states).toBeGreaterThan(20);
      expect(report, 'docs/mutations.md is stale: npm run generate').toContain(settingRow(name, exploration));
    });
  });

  describe(`a mistake in the protocol of ${protocol} breaks a promise`, () => {
    let folder: MutantFolder;
    beforeAll(async () => {
      folder = await MutantFolder.make();
    });
    afterAll(async () => {
      await folder.remove();
    });

    it.each(mutations)('$id: $mistake', async (mutation) => {
      const { violation } = await exploreMutant(mutation, settings[mutation.breaksUnder], folder);
      expect(violation).not.toBeNull();
      expect(report, 'docs/mutations.md is stale: npm run generate').toContain(
        mutationRow(mutation, violation),
      );
    });
  });
}
