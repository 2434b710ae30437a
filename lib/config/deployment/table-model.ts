/** `table`: the DynamoDB table of claims, batch records and windows, and what is paid for its throughput. */
import { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import { percentage } from '../scalars/percentage.ts';
import { InvalidValue, textScalar, wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html, "Read/write throughput" */
const MAX_UNITS = 40_000;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html */
const INITIAL_WARM_THROUGHPUT = { writeUnits: 4000, readUnits: 12_000 };

const units = wholeNumber({ minimum: 1, maximum: MAX_UNITS });

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html, "TableName" */
const tableName = textScalar(
  (text) =>
    /^[A-Za-z0-9_.-]{3,255}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-table-name',
          describeValue(text),
          'write the name of a DynamoDB table: 3 to 255 letters, digits, hyphens, dots and underscores',
        ),
  { title: 'Name of a table', pattern: '^[A-Za-z0-9_.-]{3,255}$', examples: ['Sluice-ClaimsTable1A2B3C4D'] },
);

const provisioned = strictMap(
  {
    minWriteUnits: units.describe(
      'Write units a second that are always there. One event is about one unit; `npx sluice cost` says how many a load needs.',
    ),
    maxWriteUnits: units.describe(
      'The most that auto scaling goes up to, which takes minutes. Beyond that DynamoDB throttles, and events are retried.',
    ),
    minReadUnits: units
      .prefault(5)
      .describe(
        'Read units a second that are always there. Only duplicates, windows and waiting requests read.',
      ),
    maxReadUnits: units.prefault(1000).describe('The most that auto scaling goes up to.'),
    targetUtilization: percentage({ minimum: 20, maximum: 90, examples: ['70%'] })
      .prefault('70%')
      .describe('The share of the capacity that auto scaling wants to be in use; the rest absorbs peaks.'),
  },
  'Provisioned capacity with auto scaling, for a steady load: it costs about a third of on-demand requests if it is used evenly, and is paid for when it is not used. Default: on demand.',
);

const warmThroughput = strictMap(
  {
    writeUnits: wholeNumber({ minimum: INITIAL_WARM_THROUGHPUT.writeUnits, maximum: MAX_UNITS })
      .prefault(INITIAL_WARM_THROUGHPUT.writeUnits)
      .describe('Write units a second that the table takes at once.'),
    readUnits: wholeNumber({ minimum: INITIAL_WARM_THROUGHPUT.readUnits, maximum: MAX_UNITS })
      .prefault(INITIAL_WARM_THROUGHPUT.readUnits)
      .describe('Read units a second that the table takes at once.'),
  },
  'The throughput that the table takes from the start, for example to read a large topic from its beginning. AWS charges for it once, and it cannot be lowered later. Default: what a new table has, 4,000 write units and 12,000 read units.',
);

export const tableModel = strictMap(
  {
    existing: tableName
      .optional()
      .describe(
        'A table that exists, instead of one that the stack creates: one of an earlier stack, which retained it, or one that was restored from a backup. It keeps the claims, so that events which are delivered again do not become second flow runs. The stack changes nothing about it; [deploy.md](deploy.md#an-existing-table) says what it has to look like. Default: the stack creates one.',
      ),
    provisioned: provisioned.optional(),
    warmThroughput: warmThroughput.optional(),
    pointInTimeRecovery: z
      .boolean()
      .prefault(true)
      .describe(
        'Whether DynamoDB keeps a continuous backup of 35 days, which costs nearly as much as the stored data itself. Without it a table that was damaged by mistake cannot be restored, and its claims and open windows are lost.',
      ),
  },
  'The DynamoDB table of claims, batch records and windows.',
).prefault({});

export type TableConfiguration = z.output<typeof tableModel>;
