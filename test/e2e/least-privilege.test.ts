/**
 * The functions may do what they do, and nothing else. The emulator refuses what a role does not allow, and records what
 * is called; this file runs after all others (`support/last-test-file.ts`) and compares both with the policies that are
 * deployed. A grant counts as used if one function of the kind has used it: two dozen endpoints run the same code.
 */
import { describe, expect, inject, it } from 'vitest';
import {
  deployedGrants,
  OBSERVES,
  recordedCalls,
  type DeployedGrants,
} from '../support/parts/emulator-observations.ts';
import '../support/setup/provided.ts';

const awsEndpointUrl = inject('awsEndpointUrl');

type Kind = 'http-ingest' | 'sqs-trigger' | 'window-flush' | 'reconcile';

/** By how the description of a function begins. */
const KINDS: Readonly<Record<string, Kind>> = {
  'Sluice: accepts the events': 'http-ingest',
  'Sluice: makes flow runs of the events': 'sqs-trigger',
  'Sluice: makes flow runs of windows': 'window-flush',
  'Sluice: flushes overdue windows': 'reconcile',
};

const SWEPT =
  'The sweep flushes as the flusher does, and only windows whose timer was lost a minute ago, which no end-to-end test ' +
  'waits for: test/integration/reconcile.test.ts does.';

/** What no end-to-end test is sure to make a function do, and why it may do it all the same. */
const EXCUSES: Readonly<Record<string, string>> = {
  'reconcile dynamodb:PartiQLInsert table': SWEPT,
  'reconcile dynamodb:PartiQLUpdate table': SWEPT,
  'reconcile dynamodb:UpdateItem table': SWEPT,
  'reconcile s3:PutObject object of the bucket': SWEPT,
  'reconcile sqs:SendMessage dead-letter queue': SWEPT,
  'reconcile sqs:SendMessage timer queue': SWEPT,
  'window-flush sqs:ChangeMessageVisibility timer queue':
    'A timer comes back early when Prefect fails while its window is due, which no end-to-end test arranges; the code ' +
    'is that of the triggers, which test/e2e/outage.test.ts makes call it.',
};

function kindOf({ description }: DeployedGrants): Kind | undefined {
  return Object.entries(KINDS).find(([beginning]) => description.startsWith(beginning))?.[1];
}

/** What a resource is to Sluice, whatever its source and its stack. */
function resourceKind(arn: string): string {
  if (arn.includes(':table/')) return arn.includes('/index/') ? 'index of the table' : 'table';
  if (arn.includes(':sqs:')) {
    if (arn.includes('DeadLetters')) return 'dead-letter queue';
    return arn.includes('Timers') ? 'timer queue' : 'queue of events';
  }
  if (arn.includes(':secret:')) return 'secret';
  if (arn.startsWith('arn:aws:s3:::')) return 'object of the bucket';
  if (arn.includes(':log-group:')) return 'log';
  return arn;
}

describe.skipIf(!OBSERVES)('the roles of the functions', () => {
  it('allow every call of their functions, on its resource', async () => {
    const grants = await deployedGrants(awsEndpointUrl);
    const ofSluice = new Set(grants.filter((each) => kindOf(each) !== undefined).map(({ role }) => role));
    const calls = (await recordedCalls(awsEndpointUrl)).filter(({ role }) => ofSluice.has(role));
    expect(calls.length, 'Nothing was recorded: run the whole project e2e.').toBeGreaterThan(0);
    expect(calls.filter(({ denied }) => denied > 0)).toEqual([]);
  });

  it('allow nothing that no function of the kind has called, but for what has an excuse', async () => {
    const grants = await deployedGrants(awsEndpointUrl);
    const kinds = new Map(grants.map((each) => [each.role, kindOf(each)]));
    const used = new Set(
      (await recordedCalls(awsEndpointUrl)).map(
        ({ role, action, resource }) => `${String(kinds.get(role))} ${action} ${resourceKind(resource)}`,
      ),
    );
    const granted = new Set(
      grants.flatMap((each) => {
        const kind = kindOf(each);
        if (kind === undefined) return [];
        return each.statements.flatMap(({ Action: actions, Resource: resources }) =>
          actions.flatMap((action) =>
            resources.map((resource) => `${kind} ${action} ${resourceKind(resource)}`),
          ),
        );
      }),
    );
    const unused = [...granted].filter((grant) => !used.has(grant));
    expect(unused.filter((grant) => EXCUSES[grant] === undefined).sort(), 'granted and never called').toEqual(
      [],
    );
    expect(
      Object.keys(EXCUSES).filter((grant) => !granted.has(grant)),
      'excused and not granted any more',
    ).toEqual([]);
  });
});
