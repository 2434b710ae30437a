/** `run`: the deployment that events start, and what its flow run is given. */
import { z } from 'zod';
import { describeValue, quote } from '../issues/describe-value.ts';
import { runOverflow } from '../overflow.ts';
import { runExpression } from '../scalars/expression-scalars.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { runOptionFields } from './option-fields.ts';

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
  runExpression().describe('CEL over `events`; the parameter is its value.'),
  strictMap(
    {
      value: runExpression().describe('CEL over `events`.'),
      as: z
        .enum(['json', 'string'])
        .prefault('json')
        .describe('`json`: the value itself. `string`: its JSON text, for a flow parameter of type `str`.'),
    },
    'A value, and how it is sent.',
  ),
]);

export const runModel = strictMap(
  {
    deployment: deployment.describe('`<flow name>/<deployment name>` in Prefect.'),
    parameters: z
      .record(parameterName, parameter)
      .prefault({ events: 'events' })
      .describe(
        'Flow parameters: CEL over `events`, a list, oldest first; over `event` where a run has one; over `window` where there are [windows](windows.md#the-window-in-expressions). The names are those of the parameters of the flow function.',
      ),
    templateMarkers: z
      .enum(['refuse', 'escape'])
      .prefault('refuse')
      .describe(
        'What happens to an event whose data has a key `__prefect_kind` or `$ref`, which Prefect would render as a template or load as a block. `refuse`: the event goes to the dead-letter queue. `escape`: the object arrives as a [wrapper](security.md#data-that-prefect-would-interpret), which a few lines of Python undo.',
      ),
    overflow: runOverflow,
    ...runOptionFields,
  },
  'The flow run of a batch.',
);

export type RunConfiguration = z.output<typeof runModel>;
