import { describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { overflow } from '../../lib/prefect/overflow.ts';
import { MAX_COUNTED_SIZE } from '../../lib/prefect/parameters.ts';
import { blocksOf, fromSluice, importsOfFromSluice, OVERFLOW_PAGE } from '../support/parts/overflow-page.ts';

const PARTS = `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { orders-topic: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:orders" } }
`;

describe('docs/overflow.md', () => {
  it('has a valid configuration', () => {
    const blocks = blocksOf('yaml');
    expect(blocks).toHaveLength(1);
    const answer = loadConfigText(`${PARTS}${blocks.join('')}`, 'docs/overflow.md');
    expect(reportProblems(allProblems(answer))).toBe('0 errors, 0 warnings');
  });

  it('has two short functions, and what they import', () => {
    expect(fromSluice().trim().split('\n').length).toBeLessThan(25);
    expect(fromSluice()).toContain('\ndef unwrapped(value):\n');
    expect(importsOfFromSluice()).toMatch(/^import hashlib\nimport json\n\nimport boto3\n/);
  });

  it('says how objects are called and what a reference holds', () => {
    const place = { bucket: 'b', routeName: '<route>', batchId: '<batch id>' };
    const orders = { text: JSON.stringify(['x'.repeat(MAX_COUNTED_SIZE)]), as: 'json' } as const;
    const overflowed = overflow(new Map([['<parameter>', orders]]), place);
    if (overflowed.kind !== 'fits') throw new Error('one parameter is not too large');
    const [object] = overflowed.objects;
    expect(OVERFLOW_PAGE).toContain(`\`${object?.key.replace(/[0-9a-f]{64}/, '<SHA-256>') ?? ''}\``);
    const fields = Array.from(overflowed.parametersJson.matchAll(/\\"([$\w]+)\\":/g), ([, field]) => field);
    const [text = ''] = /`\{"\$sluice".*\}`/.exec(OVERFLOW_PAGE) ?? [];
    expect(Array.from(text.matchAll(/"([$\w]+)":/g), ([, field]) => field)).toEqual(fields);
  });

  it('says what Prefect takes', () => {
    expect(OVERFLOW_PAGE).toContain(`${MAX_COUNTED_SIZE.toLocaleString('en')} bytes`);
  });
});
