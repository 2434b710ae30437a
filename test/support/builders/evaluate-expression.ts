/** Evaluate expressions over the data of one event, as a filter, a key or a parameter. */
import {
  parseFilter,
  parseKey,
  parseRunExpression,
  type Evaluation,
} from '../../../lib/expressions/expression.ts';
import { renderJson, type RenderedJson } from '../../../lib/expressions/render-json.ts';
import { readJson, NO_JSON_LIMITS } from '../../../lib/event/json-value.ts';
import { makeEvent } from './make-event.ts';
import type { Event } from '../../../lib/event/event.ts';

/** An event whose data were decoded as those of a record are: big integers are exact. */
export function eventWith(dataJson: string): Event {
  const reading = readJson(dataJson, NO_JSON_LIMITS);
  if (reading.kind === 'rejected') throw new Error(reading.rejection.detail);
  return makeEvent({ data: { kind: 'json', text: reading.text, value: reading.value } });
}

export function filterOver(expression: string, dataJson: string): Evaluation<boolean> {
  const parsed = parseFilter(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.expression.evaluate(eventWith(dataJson));
}

export function keyOver(expression: string, dataJson: string): Evaluation<string> {
  const parsed = parseKey(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.expression.evaluate(eventWith(dataJson));
}

/** The text of a parameter over the events of these data. */
export function parameterOver(expression: string, ...dataJsons: readonly string[]): RenderedJson {
  const parsed = parseRunExpression(expression);
  if (!parsed.ok) throw new Error(parsed.message);
  const evaluated = parsed.expression.evaluate({ events: dataJsons.map(eventWith), window: null });
  return evaluated.ok ? renderJson(evaluated.value) : evaluated;
}
