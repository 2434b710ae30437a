import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithStack, describeRemovedSources } from '../../cli/compare-with-stack.ts';

const PLACE = { file: 'sluice.yaml', stack: 'Sluice' };
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 6 });

describe('sluice validate --stack', () => {
  it('warns of exactly the deployed sources that the file does not have, once each', () => {
    fc.assert(
      fc.property(names, names, (deployed, configured) => {
        // Each source of type http has two functions.
        const text = describeRemovedSources([...deployed, ...deployed, 'sluice:windows'], configured, PLACE);
        const warned = [...text.matchAll(/^warning: source (\S+) /gm)].map(([, name]) => name);
        expect(warned).toEqual(deployed.filter((name) => !configured.includes(name)).toSorted());
      }),
    );
  });

  it('prints no comparison for a file that is not valid', async () => {
    const comparison = await compareWithStack('no-such-file.yaml', 'Sluice');
    expect(comparison).toEqual({ text: '', couldReadStack: true });
  });
});
