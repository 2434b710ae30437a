/** A mistake that could be made: in the decision code, or in what the parts around it promise. */
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import type { Edit, MutantFolder } from './mutant.ts';
import type { Exploration } from './search.ts';
import type { Setting } from './setting.ts';

export interface Mutation<SettingName extends string = string> {
  readonly id: string;
  readonly mistake: string;
  /** The setting in which it is caught. */
  readonly breaksUnder: SettingName;
  /** Of the decision code. */
  readonly edits?: readonly Edit[];
  /** Of the world. */
  readonly change?: Partial<Pick<Setting, 'behaviour' | 'hasSweep'>>;
}

export async function exploreMutant(
  { id, edits = [], change = {} }: Mutation,
  setting: Setting,
  folder: MutantFolder,
): Promise<Exploration> {
  const code = edits.length === 0 ? DECISION_CODE : await folder.importMutant(id, edits);
  return explore(code, { ...setting, ...change });
}
