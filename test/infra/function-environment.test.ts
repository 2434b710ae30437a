/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
import { describe, expect, it } from 'vitest';
import {
  makeCompiledConfig,
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

/** "Defined runtime environment variables", those that are reserved; the emulator has the same list. */
const RESERVED = /^(?:_HANDLER|_X_AMZN_TRACE_ID|AWS_(?!ENDPOINT_URL).*|LAMBDA_(?:TASK_ROOT|RUNTIME_DIR)|TZ)$/;
const MAX_BYTES = 4096;
/** A queue's URL is not longer: https://sqs.ap-southeast-4.amazonaws.com/123456789012/ and 80 characters. */
const LONGEST_REFERENCE = 'x'.repeat(256);

const name = 's'.repeat(40);
const sources = [
  makeHttpSource({ name: `http-${name}` }),
  makeSqsSource({ name: `sqs-${name}` }),
  makeEventBridgeSource({ name: `bus-${name}` }),
  makeKafkaSource({ name: `kafka-${name}` }),
];
const base = makeRoute();
const config = makeCompiledConfig(sources, {
  routes: [
    makeRoute({
      from: sources.map((source) => source.name),
      coalesce: SAMPLE_WINDOW,
      run: { ...base.run, overflow: 's3' },
    }),
  ],
});

describe('the environment of every function', () => {
  const environments = propertiesOf(synthesizeStack({ config }).wholeTemplate, 'AWS::Lambda::Function').map(
    ({ Environment }) => (Environment as { readonly Variables: Readonly<Record<string, unknown>> }).Variables,
  );

  it('has no name that is reserved for Lambda', () => {
    expect(environments.length).toBeGreaterThan(6);
    expect(environments.flatMap((each) => Object.keys(each)).filter((key) => RESERVED.test(key))).toEqual([]);
  });

  it('stays below 4 KB, however long the names of queues and tables are', () => {
    const sizes = environments.map(
      (each) =>
        JSON.stringify(each, (_, value: unknown) => (isReference(value) ? LONGEST_REFERENCE : value)).length,
    );
    expect(Math.max(...sizes)).toBeLessThan(MAX_BYTES);
  });
});

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('Ref' in value || 'Fn::GetAtt' in value);
}
