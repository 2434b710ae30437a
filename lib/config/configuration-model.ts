/** The whole configuration: the single source of truth for both front ends, the JSON Schema and the reference. */
import { z } from 'zod';
import { logsModel } from './deployment/logs-model.ts';
import { tableModel } from './deployment/table-model.ts';
import { endpointModel } from './endpoint/model.ts';
import { quote } from './issues/describe-value.ts';
import { limitsModel } from './limits.ts';
import { overflowModel } from './overflow.ts';
import { prefectModel } from './prefect/model.ts';
import { routeModel } from './routes/model.ts';
import { InvalidValue, textScalar } from './scalars/scalar.ts';
import { strictMap } from './scalars/strict-map.ts';
import { sourceModel } from './sources/model.ts';
import { routeTestsModel } from './tests/model.ts';

/** AWS resources are named after sources and routes, with the name of the stack before and a suffix after it. */
const name = textScalar(
  (text) =>
    /^[a-z][a-z0-9-]{0,38}[a-z0-9]$|^[a-z]$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-name',
          `the name ${quote(text)}`,
          'write 1 to 40 lower-case letters, digits and hyphens, a letter first',
        ),
  { title: 'Name', pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' },
);

export const configurationModel = strictMap(
  {
    prefect: prefectModel,
    limits: limitsModel,
    overflow: overflowModel,
    endpoint: endpointModel,
    logs: logsModel,
    table: tableModel,
    sources: z.record(name, sourceModel).describe('Where events come from, by name.'),
    routes: z.record(name, routeModel).describe('Which events start which deployment, by name.'),
    tests: routeTestsModel.optional(),
  },
  'Configuration of Sluice: events in, Prefect flow runs out.',
);

/** The input of `defineConfig`: the same as sluice.yaml. */
export type ConfigurationInput = z.input<typeof configurationModel>;
export type Configuration = z.output<typeof configurationModel>;
