import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeployedRoute } from '../../lib/adapters/aws/stack-discovery.ts';
import { describeRemovedRoutes, describeRemovedSources } from '../../cli/stack-differences.ts';

const COMPARED = { file: 'sluice.yaml', stack: 'Sluice' };
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 6 });
const routes = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-d]{1,2}$/),
    deployment: fc.constantFrom('orders/prod', 'invoices/prod'),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe('the warnings of sluice validate --stack', () => {
  it('name exactly the deployed sources that the file does not have, once each', () => {
    fc.assert(
      fc.property(names, names, (deployed, configured) => {
        // Each source of type http has two functions.
        const lines = describeRemovedSources(
          [...deployed, ...deployed, 'sluice:windows'],
          configured,
          COMPARED,
        );
        const warned = lines.map((line) => /^warning: source (\S+) /.exec(line)?.[1]);
        expect(warned).toEqual(deployed.filter((name) => !configured.includes(name)).toSorted());
      }),
    );
  });

  it('name exactly the deployed routes that the file does not have, once each', () => {
    fc.assert(
      fc.property(routes, routes, (deployed, configured) => {
        const kept = new Set(configured.map(({ name }) => name));
        const warned = describeRemovedRoutes(deployed, configured, COMPARED).map(
          (line) => /^warning: route (\S+) /.exec(line)?.[1],
        );
        expect(warned.toSorted()).toEqual(
          deployed.flatMap(({ name }) => (kept.has(name) ? [] : [name])).toSorted(),
        );
      }),
    );
  });

  it('name the old and the new name of a renamed route, and what follows', () => {
    const deployed: readonly DeployedRoute[] = [
      { name: 'orders', deployment: 'orders/prod' },
      { name: 'invoices', deployment: 'invoices/prod' },
    ];
    const configured: readonly DeployedRoute[] = [
      { name: 'invoices', deployment: 'invoices/prod' },
      { name: 'process-orders', deployment: 'orders/prod' },
    ];
    const [line = '', ...more] = describeRemovedRoutes(deployed, configured, COMPARED);
    expect(more).toEqual([]);
    expect(line).toContain('route orders of stack Sluice is not in sluice.yaml, and process-orders');
    expect(line).toContain('gets a second flow run');
    expect(line).toContain('route-removed');
    expect(line).toContain('docs/deploy.md#renaming-and-removing');
  });

  it('say of a removed route that events on their way to it are dead-lettered', () => {
    const [line] = describeRemovedRoutes([{ name: 'orders', deployment: 'orders/prod' }], [], COMPARED);
    expect(line).toContain('are dead-lettered as route-removed');
    expect(line).not.toContain('second flow run');
  });
});
