/** The whole configuration: the source of truth for both front ends, the JSON Schema and the reference. */
import { z } from 'zod';
import { quote } from '../found-value.ts';
import { sizeInBytes } from './byte-size.ts';
import { durationInDays } from './duration.ts';
import { endpointModel } from './endpoint-model.ts';
import { Refusal, textLeaf, wholeNumber } from './leaf.ts';
import { strictMap } from './object.ts';
import { prefectModel } from './prefect-model.ts';
import { routeModel } from './route-model.ts';
import { sourceModel } from './source-model.ts';

/** AWS resources are named after sources and routes, with the stack's name before and a suffix behind. */
const name = textLeaf(
  (text) =>
    /^[a-z][a-z0-9-]{0,38}[a-z0-9]$|^[a-z]$/.test(text)
      ? text
      : new Refusal(
          'invalid-name',
          `the name ${quote(text)}`,
          'write 1 to 40 lower-case letters, digits and hyphens, a letter first',
        ),
  { title: 'Name', pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' },
);

export const limitsModel = strictMap(
  {
    maxEventBytes: sizeInBytes({ minimum: '1KiB', maximum: '4MiB' })
      .prefault('400KiB')
      .describe(
        'Larger events are dead-lettered (HTTP: answered 413). Of what is allowed here, routes without `run.overflow: s3` dead-letter what Prefect does not take. A message of SQS, which accepted HTTP events become, has room for 1MiB.',
      ),
    maxDepth: wholeNumber({ minimum: 1, maximum: 200 })
      .prefault(100)
      .describe('Deeper JSON is dead-lettered (HTTP: answered 422). Prefect fails beyond 255 levels.'),
    maxKeys: wholeNumber({ minimum: 1, maximum: 100_000 })
      .prefault(10_000)
      .describe('JSON with more object keys is dead-lettered (HTTP: answered 422).'),
  },
  'What an event may be at most.',
).prefault({});

export const overflowModel = strictMap(
  {
    retention: durationInDays({ minimum: '1d', maximum: '3650d', examples: ['30d'] })
      .prefault('30d')
      .describe(
        'How long an object is kept, in whole days. It has to outlive the wait until its run starts, and each time that the run is to be started again.',
      ),
  },
  'The bucket for parameters that are too large for Prefect: of routes with `run.overflow: s3`.',
).prefault({});

export const configurationModel = strictMap(
  {
    prefect: prefectModel,
    limits: limitsModel,
    overflow: overflowModel,
    endpoint: endpointModel,
    sources: z.record(name, sourceModel).describe('Where events come from, by name.'),
    routes: z.record(name, routeModel).describe('Which events start which deployment, by name.'),
  },
  'Configuration of Sluice: events in, Prefect flow runs out.',
);

/** What `defineConfig` takes: the same as sluice.yaml. */
export type ConfigurationInput = z.input<typeof configurationModel>;
export type Configuration = z.output<typeof configurationModel>;
export type SourceConfiguration = z.output<typeof sourceModel>;
/** Those that are read from a queue. */
export type QueuedSourceConfiguration = Exclude<SourceConfiguration, { type: 'kafka' }>;
export type RouteConfiguration = z.output<typeof routeModel>;
