import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';

const FIFO = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs.fifo"';
const STANDARD = 'type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs"';
const KAFKA =
  'type: kafka, cluster: "arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-2", topics: [orders], auth: iam';

function load(source: string) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { jobs: { ${source} } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
}

describe('the order of a source', () => {
  it.each([
    ['a FIFO queue', FIFO, 'relaxed'],
    ['a FIFO queue', `${FIFO}, order: strict`, 'strict'],
    ['a FIFO queue', `${FIFO}, order: relaxed`, 'relaxed'],
    ['a standard queue', STANDARD, 'relaxed'],
    ['a topic', KAFKA, 'relaxed'],
    ['a topic', `${KAFKA}, order: strict`, 'strict'],
  ])('the order of %s (%s) is compiled to %s', (_what, source, order) => {
    const result = load(source);
    expect(result.ok && result.config.sources['jobs']).toMatchObject({ order });
  });

  it.each([
    ['warns about a FIFO queue whose order is not decided', FIFO, ['warning fifo-order-relaxed']],
    ['takes strict as a decision', `${FIFO}, order: strict`, []],
    ['takes relaxed as a decision', `${FIFO}, order: relaxed`, []],
    ['asks nothing about a standard queue', STANDARD, []],
    ['refuses strict on a standard queue', `${STANDARD}, order: strict`, ['error order-needs-fifo']],
    ['asks nothing about a topic', KAFKA, []],
    ['has no order for HTTP', 'type: http, path: /a, verify: iam, order: strict', ['error unknown-field']],
  ])('%s', (_what, source, problems) => {
    expect(allProblems(load(source)).map(({ severity, code }) => `${severity} ${code}`)).toEqual(problems);
  });
});
