/** `routes`: which events start which deployment, and how. */
import { z } from 'zod';
import { printableText } from '../../prefect/sanitize-text.ts';
import { describeValue, quote } from '../issues/describe-value.ts';
import { coalesceModel } from '../coalesce/model.ts';
import { runOverflow } from '../overflow.ts';
import { claimRetention } from '../retention/fields.ts';
import { filterExpression, keyExpression, parameterExpression } from '../scalars/expression-scalars.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** Prefect answers 422 or 500 to these in the name of a flow or a deployment, however they are encoded. */
const DEPLOYMENT_PART = /^[^/%&<>\p{Cc}]{1,200}$/u;

const deployment = textScalar(
  (text) => {
    const parts = text.split('/');
    if (parts.length === 2 && parts.every((part) => DEPLOYMENT_PART.test(part))) return text;
    return new InvalidValue(
      'invalid-deployment',
      describeValue(text),
      'write <flow name>/<deployment name>, neither of them with / % & < >',
    );
  },
  {
    title: 'Deployment',
    pattern: '^[^/%&<>]{1,200}/[^/%&<>]{1,200}$',
    examples: ['process-orders/prod'],
  },
);

const tag = textScalar(
  (text) => {
    const found = `the tag ${quote(text)}`;
    if (/^(?:prefect|sluice)[.:]/i.test(text)) {
      return new InvalidValue(
        'reserved-tag',
        found,
        'choose one that does not start with prefect. or sluice.',
      );
    }
    if (!/^[^\p{Cc}]{1,100}$/u.test(text)) {
      return new InvalidValue('invalid-tag', found, 'write 1 to 100 characters');
    }
    // Runs carry the tag in this form, and a filter in Prefect by the tag as it is written here would find none.
    const printable = printableText(text, text.length);
    if (printable === text) return text;
    const fix =
      printable === '' ? 'write 1 to 100 characters' : `write it as runs would carry it: ${quote(printable)}`;
    return new InvalidValue('invalid-tag', found, fix);
  },
  { title: 'Tag', maxLength: 100, examples: ['team-orders'] },
);

const parameterName = textScalar(
  (text) =>
    /^(?!__prefect)[\p{L}_][\p{L}\p{N}_]{0,99}$/u.test(text)
      ? text
      : new InvalidValue(
          'invalid-parameter-name',
          `the parameter name ${quote(text)}`,
          'write the name of a parameter of the flow function: letters, digits and _',
        ),
  { title: 'Parameter name' },
);

const parameter = z.union([
  parameterExpression().describe('CEL over `events`; the parameter is its value.'),
  strictMap(
    {
      value: parameterExpression().describe('CEL over `events`.'),
      as: z
        .enum(['json', 'string'])
        .prefault('json')
        .describe('`json`: the value itself. `string`: its JSON text, for a flow parameter of type `str`.'),
    },
    'A value, and how it is sent.',
  ),
]);

const runModel = strictMap(
  {
    deployment: deployment.describe('`<flow name>/<deployment name>` in Prefect.'),
    parameters: z
      .record(parameterName, parameter)
      .prefault({ events: 'events' })
      .describe(
        'Flow parameters: CEL over `events`, a list, oldest first. The names are those of the parameters of the flow function.',
      ),
    templateMarkers: z
      .enum(['refuse', 'escape'])
      .prefault('refuse')
      .describe(
        'What happens to an event whose data has a key `__prefect_kind` or `$ref`, which Prefect would render as a template or load as a block. `refuse`: the event goes to the dead-letter queue. `escape`: the object arrives as a [wrapper](security.md#data-that-prefect-would-interpret), which a few lines of Python undo.',
      ),
    overflow: runOverflow,
    tags: z.array(tag).prefault([]).describe('At most 10 tags of the flow run; the deployment adds its own.'),
  },
  'The flow run of a batch.',
);

const dedupeModel = strictMap(
  {
    key: keyExpression()
      .optional()
      .describe(
        'Events of this route with the same key are duplicates. Default: the identity that the source assigns, which is unique to each event.',
      ),
    retention: claimRetention,
  },
  'When an event is a duplicate.',
).prefault({});

export const routeModel = strictMap(
  {
    from: z.array(z.string()).describe('Names of the sources that the route reads.'),
    when: filterExpression()
      .optional()
      .describe(
        'Which events match. Default: all. An event on which the expression fails is dead-lettered, never filtered.',
      ),
    dedupe: dedupeModel,
    coalesce: coalesceModel.prefault({ mode: 'none' }).describe('Which events share a flow run.'),
    run: runModel,
  },
  'Which events start which deployment, and how.',
);

export type RouteConfiguration = z.output<typeof routeModel>;
