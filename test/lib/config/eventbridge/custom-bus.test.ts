import { describe, expect, it } from 'vitest';
import type { CompiledEventBridgeSource } from '../../../../lib/compiled-config/compiled.ts';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';

const ARN = 'arn:aws:events:eu-central-1:123456789012:event-busv2/orders/a1b2c3d4e5f6g7h8i9j0k1l2m';

function load(fields: string) {
  return loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { bus: { type: eventbridge, ${fields} } }
routes: { work: { from: [bus], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
}

function compiled(fields: string): CompiledEventBridgeSource {
  const result = load(fields);
  const source = result.ok ? result.config.sources['bus'] : undefined;
  if (source?.type !== 'eventbridge') throw new Error(JSON.stringify(allProblems(result)));
  return source;
}

const codesOf = (fields: string) => allProblems(load(fields)).map(({ code }) => code);

describe('a source on a custom bus', () => {
  it('has the ARN of the bus, its name, and the envelope of its events', () => {
    expect(compiled(`bus: "${ARN}", pattern: { total: [{ numeric: [">", 500] }] }`)).toMatchObject({
      busName: 'orders',
      customBus: { arn: ARN, metadata: null },
      unwrap: ['event-bus'],
      pattern: { total: [{ numeric: ['>', 500] }] },
    });
    expect(compiled(`bus: "${ARN}", pattern: { a: [1] }, metadata: { tenant: [acme] }`).customBus).toEqual({
      arn: ARN,
      metadata: { tenant: ['acme'] },
    });
  });

  it('differs from a classic one by its ARN', () => {
    const classic = 'arn:aws:events:eu-central-1:123456789012:event-bus/orders';
    const source = compiled(`bus: "${classic}", pattern: { source: [a] }`);
    expect(source).toMatchObject({ busName: 'orders', unwrap: ['eventbridge'] });
    expect(source).not.toHaveProperty('customBus');
  });

  it.each([
    [`bus: "${ARN}", pattern: { detail: { total: [1] }, detail-type: [Order] }`, []],
    [`bus: "${ARN}", pattern: { payload: { nested: [1] } }`, []],
    [`bus: "${ARN}", pattern: { payload: 1 }`, ['invalid-event-pattern']],
    [`bus: "${ARN}", pattern: {}`, ['invalid-event-pattern']],
    [`bus: "${ARN}", pattern: { a: [1] }, metadata: {}`, ['invalid-event-pattern']],
    [`bus: "${ARN}", pattern: { a: [1] }, metadata: { tenant: acme }`, ['invalid-event-pattern']],
    [`bus: "${ARN}", pattern: { a: [1] }, metadata: { tenant: [{ prefix: a }] }`, ['invalid-event-pattern']],
    [`bus: "${ARN.slice(0, -1)}", pattern: { a: [1] }`, ['invalid-event-bus']],
    ['bus: orders, pattern: { a: [1] }', ['invalid-event-pattern']],
    ['bus: orders, pattern: { source: [a] }, metadata: { tenant: [acme] }', ['metadata-needs-custom-bus']],
  ])('with { %s } has the problems %j', (fields, codes) => {
    expect(codesOf(fields)).toEqual(codes);
  });
});
