/** Messages about fields that the model does not have. */
import { valueAt } from '../json/value-at.ts';
import type { ConfigIssue, ProblemPath } from './issues/config-issue.ts';
import { suggestOrList } from './issues/suggestion.ts';
import { unsupportedMappingSetting } from './kafka/unsupported-mapping-settings.ts';
import { plannedField } from './planned-fields.ts';

const MERGE_KEY = '<<';

/** The modes that have an option, the one that is most often meant first. */
const COALESCE_OPTIONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  key: ['invocation', 'window', 'debounce', 'sliding'],
  maxEvents: ['invocation', 'window', 'debounce', 'sliding'],
  maxBytes: ['invocation', 'window', 'debounce', 'sliding'],
  maxWait: ['window', 'debounce'],
  bypassWhen: ['window', 'debounce'],
  at: ['window'],
  zone: ['window'],
  quiet: ['debounce'],
  size: ['sliding'],
  every: ['sliding'],
};

export function unknownFieldIssue(at: ProblemPath, known: readonly string[], root: unknown): ConfigIssue {
  const field = String(at.at(-1));
  const special = plannedField(field) ?? (at[0] === 'sources' ? unsupportedMappingSetting(field) : null);
  if (special !== null) return { ...special, at, anchor: 'key', found: `the field ${field}` };
  if (field === MERGE_KEY) return mergeKeyIssue(at);
  const modes = at.at(-2) === 'coalesce' ? COALESCE_OPTIONS[field] : undefined;
  if (modes !== undefined) return otherModeIssue(at, modes, valueAt(root, [...at.slice(0, -1), 'mode']));
  const found = `the unknown field ${field}`;
  return { code: 'unknown-field', at, anchor: 'key', found, fix: suggestOrList(field, known, 'known here') };
}

function mergeKeyIssue(at: ProblemPath): ConfigIssue {
  return {
    code: 'unknown-field',
    at,
    anchor: 'key',
    found: 'the merge key <<, which YAML 1.2 does not have',
    fix: 'write the fields out; an anchor (&name) and its alias (*name) work for whole values',
  };
}

function otherModeIssue(at: ProblemPath, modes: readonly [string, ...string[]], mode: unknown): ConfigIssue {
  const field = String(at.at(-1));
  const own = typeof mode === 'string' ? `beside mode ${mode}` : 'and no mode';
  return {
    code: 'coalesce-option-not-in-mode',
    at,
    anchor: 'key',
    found: `${field}, which belongs to mode ${alternatives(modes)}, ${own}`,
    fix: `remove it, or write mode: ${modes[0]}`,
  };
}

function alternatives(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}
