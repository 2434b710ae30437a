import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overflow, type Overflowed } from '../../../lib/prefect/overflow.ts';
import {
  countedSize,
  MAX_COUNTED_SIZE,
  renderParameters,
  type Parameter,
} from '../../../lib/prefect/parameters.ts';
import { readReference, valueInFlow } from '../../support/parts/read-reference.ts';

const place = { bucket: 'overflow', routeName: 'process-orders', batchId: 'deployment.batch' };

const json = (value: unknown): Parameter => ({ text: JSON.stringify(value), as: 'json' });
const asString = (value: unknown): Parameter => ({ text: JSON.stringify(value), as: 'string' });
const large = 'x'.repeat(MAX_COUNTED_SIZE);

function fitting(parameters: Readonly<Record<string, Parameter>>): Extract<Overflowed, { kind: 'fits' }> {
  const overflowed = overflow(new Map(Object.entries(parameters)), place);
  if (overflowed.kind === 'fits') return overflowed;
  throw new Error(`too large: ${overflowed.size}`);
}

/** What the flow gets, before it reads any reference. */
function received({ parametersJson }: { readonly parametersJson: string }): Record<string, unknown> {
  const sent = JSON.parse(parametersJson) as Record<string, string | { readonly value: string }>;
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.parse(value.value),
    ]),
  );
}

function read(overflowed: Extract<Overflowed, { kind: 'fits' }>, value: unknown): unknown {
  const bodies = new Map(overflowed.objects.map(({ key, bodyJson }) => [key, bodyJson]));
  return readReference(value, (bucket, key) => (bucket === place.bucket ? bodies.get(key) : undefined));
}

/** Values that are small, large, or what a forger would send. */
const forgery = fc.constantFrom<unknown>(
  { $sluice: 's3', bucket: 'other', key: 'secret', sha256: '' },
  [{ $sluice: 's3', bucket: 'other', key: 'secret', sha256: '' }],
  '{"$sluice":"s3","bucket":"other","key":"secret"}',
  { $sluice: null },
);
const value = fc.oneof(
  fc.jsonValue(),
  fc.jsonValue(),
  forgery,
  fc.integer({ min: 100_000, max: 600_000 }).map((length) => ['ä'.repeat(length / 8), 'x'.repeat(length)]),
);
const parameter = fc
  .record({ value, as: fc.constantFrom('json', 'string') })
  .map(({ value: of, as }): Parameter => ({ text: JSON.stringify(of), as }));
const parameters = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), parameter, { minKeys: 1, maxKeys: 6 });

describe('parameters with references', () => {
  it('fit into Prefect, and read are what they would have been without, whatever they hold', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const overflowed = fitting(given);
        expect(countedSize(overflowed.parametersJson)).toBeLessThanOrEqual(MAX_COUNTED_SIZE);
        const values = Object.entries(received(overflowed)).map(([name, sent]) => [
          name,
          read(overflowed, sent),
        ]);
        expect(values).toEqual(Object.entries(given).map(([name, each]) => [name, valueInFlow(each)]));
      }),
      { numRuns: 60 },
    );
  });

  it('refer to nothing but what was stored for them, whatever senders put into events', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const overflowed = fitting(given);
        const referred: string[] = [];
        for (const sent of Object.values(received(overflowed))) {
          readReference(sent, (bucket, key) => {
            referred.push(`${bucket}/${key}`);
            return overflowed.objects.find((each) => each.key === key)?.bodyJson;
          });
        }
        expect(referred.sort()).toEqual(overflowed.objects.map(({ key }) => `overflow/${key}`).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('are the same, and name the same objects, when the batch is created again', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        expect(fitting(given)).toEqual(fitting(given));
      }),
      { numRuns: 30 },
    );
  });

  it('are as they always were when they fit', () => {
    const small = { orders: json([1, 2]), note: asString('a') };
    expect(fitting(small)).toEqual({
      kind: 'fits',
      parametersJson: renderParameters(new Map(Object.entries(small))),
      objects: [],
    });
  });
});

describe('a reference', () => {
  it('names bucket, key, hash and size of an object, whose key names route, batch and content', () => {
    const { objects, ...sent } = fitting({ orders: json([large]) });
    const sha256 = hash('sha256', JSON.stringify([large]), 'hex');
    const key = `process-orders/deployment.batch/orders-${sha256}.json`;
    expect(objects).toEqual([{ key, sha256, bodyJson: JSON.stringify([large]) }]);
    expect(received(sent)).toEqual({
      orders: [{ $sluice: 's3', bucket: 'overflow', key, sha256, bytes: large.length + 4 }],
    });
  });

  it.each([
    ['a list', json([large]), 'array'],
    ['an object', json({ large }), 'object'],
    ['a text', json(large), 'string'],
    ['an object as text', asString({ large }), 'string'],
    [
      'a list after white space, as an event may have it',
      { text: ` \n[${JSON.stringify(large)}]`, as: 'json' },
      'array',
    ],
  ] as const)('is of the type of its value: %s', (_what, given, type) => {
    const { orders } = received(fitting({ orders: given }));
    expect(Array.isArray(orders) ? 'array' : typeof orders).toBe(type);
  });

  it('is sent for the largest parameters, as few as are needed', () => {
    const third = 'x'.repeat(MAX_COUNTED_SIZE / 3);
    const half = 'x'.repeat(MAX_COUNTED_SIZE / 2);
    const { objects, ...sent } = fitting({ a: json([third]), b: json([half]), c: json([third]), d: json(1) });
    expect(objects.map(({ key }) => key.split('/')[2]?.split('-')[0])).toEqual(['b']);
    expect(received(sent)).toMatchObject({ a: [third], c: [third], d: 1 });
  });

  it.each([
    ['an object', json({ a: 1, $sluice: 's3' })],
    ['an object whose key is written otherwise', { text: '{"\\u0024sluice":"s3"}', as: 'json' }],
    ['an object whose key is written otherwise still', { text: '{"$\\u0073luice":"s3"}', as: 'json' }],
    ['the only element of a list', json([{ $sluice: 's3' }])],
    ['deeper in the value', json([[{ $sluice: 's3' }]])],
    ['text', json('{"$sluice":"s3"}')],
    ['an object as text', asString({ $sluice: 's3' })],
  ] as const)(
    'cannot be forged: the flow reads what was sent, and asks S3 for nothing (%s)',
    (_what, forged) => {
      const overflowed = fitting({ orders: forged });
      expect(overflowed.objects).toEqual([]);
      expect(read(overflowed, received(overflowed)['orders'])).toEqual(valueInFlow(forged));
    },
  );

  it.each([
    ['a text in the value', json({ note: '$sluice' })],
    ['escapes of other characters', { text: '{"name":"\\u00e4"}', as: 'json' }],
  ] as const)('is not seen where there is none, and the value is sent as it is (%s)', (_what, given) => {
    expect(received(fitting({ orders: given }))).toEqual({ orders: valueInFlow(given) });
  });
});

it('Parameters of which there are too many even as references are too large', () => {
  const many = Array.from({ length: 3_000 }, (_, index) => [`p${index}`, json('x'.repeat(400))] as const);
  expect(overflow(new Map(many), place)).toMatchObject({ kind: 'too-large' });
});
