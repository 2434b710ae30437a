/** Fields of the event that an expression names, such as `event.data.items[0].total`, and their values. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { EVENT_FIELDS, EventView, ORIGIN_FIELDS, OriginView } from './event-view.ts';
import { childrenOf } from './syntax-tree.ts';

export interface FieldPath {
  /** As it is written in CEL. */
  readonly text: string;
  readonly steps: readonly (string | number)[];
}

/** The longest paths, each once, in reading order. */
export function fieldPathsIn(root: ASTNode): readonly FieldPath[] {
  const byText = new Map<string, FieldPath>();
  for (const steps of stepsIn(root)) {
    const text = `event${steps.map(stepText).join('')}`;
    byText.set(text, { text, steps });
  }
  return [...byText.values()];
}

function stepsIn(node: ASTNode): readonly (readonly (string | number)[])[] {
  const steps = stepsOf(node);
  if (steps === null) return childrenOf(node).flatMap(stepsIn);
  return steps.length === 0 ? [] : [steps];
}

/** Null for what is not a path from `event` by names and literal indexes. */
function stepsOf(node: ASTNode): readonly (string | number)[] | null {
  if (node.op === 'id') return node.args === 'event' ? [] : null;
  if (node.op === '.' || node.op === '.?') {
    const before = stepsOf(node.args[0]);
    return before === null ? null : [...before, node.args[1]];
  }
  if (node.op !== '[]' && node.op !== '[?]') return null;
  const [object, index] = node.args;
  const step = index.op === 'value' ? index.args : null;
  const before = stepsOf(object);
  if (before === null) return null;
  if (typeof step === 'string') return [...before, step];
  return typeof step === 'bigint' ? [...before, Number(step)] : null;
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** Undefined where the event has no such field. */
export function fieldAt(view: EventView, { steps }: FieldPath): unknown {
  return steps.reduce<unknown>(valueIn, view);
}

function valueIn(object: unknown, step: string | number): unknown {
  if (object instanceof Map) return object.get(step);
  if (object instanceof EventView) return Object.hasOwn(EVENT_FIELDS, step) ? read(object, step) : undefined;
  if (object instanceof OriginView)
    return Object.hasOwn(ORIGIN_FIELDS, step) ? read(object, step) : undefined;
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, step)) return undefined;
  return read(object, step);
}

function read(object: object, step: PropertyKey): unknown {
  return Reflect.get(object, step);
}
