/**
 * The tests of a protocol: it keeps its promises in every setting, and every mistake in it breaks one. What takes long
 * is several files, since vitest gives each of them a core.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import { MutantFolder } from './mutant.ts';
import { exploreMutant, type Mutation } from './mutation.ts';
import { mutationRow, readReport, settingRow } from './report.ts';
import type { Setting } from './setting.ts';

const STALE = 'docs/mutations.md is stale: npm run generate';

export function describePromises<Name extends string>(
  protocol: string,
  settings: Readonly<Record<Name, Setting>>,
): void {
  const names = Object.keys(settings) as Name[];

  describe(`the protocol of ${protocol}, through every interleaving`, () => {
    it.each(names)('keeps every promise with %s', async (name) => {
      const exploration = explore(DECISION_CODE, settings[name]);
      console.log(`${name}: ${exploration.states} states`);
      expect(exploration.violation).toBeNull();
      expect(exploration.states).toBeGreaterThan(20);
      expect(await readReport(), STALE).toContain(settingRow(name, exploration));
    });
  });
}

export function describeMistakes<Name extends string>(
  protocol: string,
  settings: Readonly<Record<Name, Setting>>,
  mutations: readonly Mutation<Name>[],
): void {
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
      expect(await readReport(), STALE).toContain(mutationRow(mutation, violation));
    });
  });
}
