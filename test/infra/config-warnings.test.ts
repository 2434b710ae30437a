import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { annotateWarnings } from '../../infra/config-warnings.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';

it('annotates a construct with each warning of its configuration, by a code that can be acknowledged', () => {
  const { warnings } = loadConfigText(
    `prefect: { apiUrl: http://127.0.0.1:4200/api, auth: none }
sources: { jobs: { type: sqs, queueArn: "arn:aws:sqs:us-east-1:000000000000:jobs" } }
routes: { work: { from: [jobs], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
  const stack = new Stack(new App(), 'Sluice');
  annotateWarnings(stack, warnings);
  const annotations = Annotations.fromStack(stack);
  expect(warnings).toHaveLength(2);
  for (const { code, path } of warnings) {
    annotations.hasWarning(
      '/Sluice',
      Match.stringLikeRegexp(`${code} ${path}: found .*\\[ack: sluice:${code}\\]`),
    );
  }
});
