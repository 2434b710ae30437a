/** Which events start which deployment, and how. */
import { z } from 'zod';
import { describeFound, quote } from '../found-value.ts';
import { coalesceModel } from './coalesce-model.ts';
import { durationInSeconds } from './duration.ts';
import { filterExpression, keyExpression, parameterExpression } from './expression-leaf.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';

/** Prefect answers 422 or 500 to these in the name of a flow or a deployment, however they are encoded. */
const DEPLOYMENT_PART = /^[^/%&<>\p{Cc}]{1,200}$/u;

const deployment = textLeaf(
  (text) => {
    const parts = text.split('/');
    if (parts.length === 2 && parts.every((part) => DEPLOYMENT_PART.test(part))) return text;
    return new Refusal(
      'invalid-deployment',
      describeFound(text),
      'write <flow name>/<deployment name>, neither of them with / % & < >',
    );
  },
  {
    title: 'Deployment',
    pattern: '^[^/%&<>]{1,200}/[^/%&<>]{1,200}$',
    examples: ['process-orders/prod'],
  },
);

const tag = textLeaf(
  (text) => {
    const found = `the tag ${quote(text)}`;
    if (/^(?:prefect|sluice)[.:]/i.test(text)) {
      return new Refusal('reserved-tag', found, 'choose one that does not start with prefect. or sluice.');
    }
    if (/^[^\p{Cc}]{1,100}$/u.test(text)) return text;
    return new Refusal('invalid-tag', found, 'write 1 to 100 characters');
  },
  { title: 'Tag', maxLength: 100, examples: ['team-orders'] },
);

const parameterName = textLeaf(
  (text) =>
    /^(?!__prefect)[\p{L}_][\p{L}\p{N}_]{0,99}$/u.test(text)
      ? text
      : new Refusal(
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

const runOverflow = z.enum(['refuse', 's3']);

export type RunOverflow = z.output<typeof runOverflow>;

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
    overflow: runOverflow
      .prefault('refuse')
      .describe(
        'What becomes of parameters that are too large for Prefect, which takes 512KiB. `refuse`: the batch is split, and an event that is too large alone goes to the dead-letter queue. `s3`: they go to an object in S3, and the flow gets a reference to it, which [a few lines of Python](overflow.md) read.',
      ),
    tags: z.array(tag).prefault([]).describe('At most 10 tags of the flow run; the deployment adds its own.'),
  },
  'The flow run that a batch becomes.',
);

export const dedupeModel = strictMap(
  {
    key: keyExpression()
      .optional()
      .describe(
        'What makes two events of this route the same. Default: the identity that the source gives, which never makes two events one.',
      ),
    retention: durationInSeconds({ minimum: '1m', maximum: '400d', examples: ['15d'] })
      .prefault('15d')
      .describe(
        'How long a claim is remembered, at least. It has to outlive every redelivery (a queue keeps messages up to 14 days), and the wait in a window by a day.',
      ),
  },
  'When an event is a duplicate.',
).prefault({});

export const routeModel = strictMap(
  {
    from: z.array(z.string()).describe('Names of the sources whose events are looked at.'),
    when: filterExpression()
      .optional()
      .describe(
        'Which events are taken. Default: all. An event on which the expression fails is dead-lettered, never filtered.',
      ),
    dedupe: dedupeModel,
    coalesce: coalesceModel.prefault({ mode: 'none' }).describe('Which events share a flow run.'),
    run: runModel,
  },
  'Which events start which deployment, and how.',
);
