/** `tests`: events, and what the routes are expected to make of them. `sluice test` runs them; a deployment ignores them. */
import { z } from 'zod';
import { wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** A place in the `events` of its test. */
const eventIndex = wholeNumber({ minimum: 0, maximum: 9_999 });

/** Any value of YAML that JSON has, too. */
const jsonValue = z.unknown().meta({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });

const sampleModel = strictMap(
  {
    source: z.string().optional().describe('The source that receives it. Default: that of the test.'),
    body: jsonValue
      .optional()
      .describe(
        'What the sender sends. A text is sent as it is, anything else as JSON. `null` is JSON null, and a tombstone in a Kafka topic.',
      ),
    file: z.string().optional().describe('A file with the body, relative to the file with the tests.'),
    headers: z
      .record(z.string(), z.string())
      .prefault({})
      .describe('HTTP headers, SQS message attributes or Kafka headers.'),
    key: z.string().optional().describe("The record's key, in Kafka."),
    repeat: wholeNumber({ minimum: 1, maximum: 1_000 })
      .prefault(1)
      .describe('How many times it is sent. Each time has a place of its own in `events`.'),
  },
  'An event as its sender sends it: with `body` or `file`.',
);

const plannedRunModel = strictMap(
  {
    route: z.string().optional().describe('The route that creates it.'),
    deployment: z.string().optional().describe('`<flow name>/<deployment name>`.'),
    events: z
      .union([wholeNumber({ minimum: 1, maximum: 9_999 }), z.array(eventIndex)])
      .optional()
      .describe('How many events it has, or which: their places in `events`, from 0.'),
    waits: z.boolean().optional().describe('Whether the events wait in a window first.'),
    parameters: z
      .record(z.string(), jsonValue)
      .optional()
      .describe('Values of parameters, exactly. Parameters that are not named here are not compared.'),
  },
  'A flow run. What is not written is not compared.',
);

const deadLetterModel = strictMap(
  {
    event: eventIndex.describe('Its place in `events`, from 0.'),
    route: z.string().optional().describe('The route that it could not be sent to.'),
    code: z.string().describe('The code of the dead letter.'),
  },
  'A dead letter.',
);

const refusalModel = strictMap(
  {
    event: eventIndex.describe('Its place in `events`, from 0.'),
    code: z.string().describe('The code in the response.'),
  },
  'A request that the endpoint refuses.',
);

const expectationModel = strictMap(
  {
    runs: z.array(plannedRunModel).optional().describe('All flow runs, in any order.'),
    filtered: z.array(eventIndex).optional().describe('All events that no route matches.'),
    duplicates: z
      .array(eventIndex)
      .optional()
      .describe('All events that repeat an earlier event of the test on every route that they match.'),
    deadLetters: z
      .array(deadLetterModel)
      .prefault([])
      .describe('All dead letters. A dead letter that is not named here fails the test.'),
    refused: z
      .array(refusalModel)
      .prefault([])
      .describe('All requests that the endpoint refuses. One that is not named here fails the test.'),
  },
  'What becomes of the events. A list that is not written is not compared.',
);

export const routeTestModel = strictMap(
  {
    name: z.string().describe('What the test shows.'),
    source: z.string().optional().describe('The source that receives the events.'),
    events: z.array(sampleModel).describe('Events that arrive together, in one invocation.'),
    expect: expectationModel,
  },
  'A test of routes.',
);

export const routeTestsModel = z
  .array(routeTestModel)
  .describe('Tests of the routes, which `sluice test` runs. A deployment ignores them.');

/** The content of a file of its own with tests. */
export const testFileModel = strictMap({ tests: routeTestsModel }, 'Tests of routes, for `sluice test`.');

export type RouteTest = z.output<typeof routeTestModel>;
export type Sample = z.output<typeof sampleModel>;
export type Expectation = z.output<typeof expectationModel>;
export type ExpectedRun = z.output<typeof plannedRunModel>;
