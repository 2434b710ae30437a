import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Header } from '../../../lib/event/header.ts';
import { framingVendor, inflatePayload, readFraming } from '../../../lib/schema-registry/framing.ts';
import { confluentFrame, glueFrame, guidHeader } from '../../support/builders/framed-values.ts';
import { makeSqsRecord } from '../../support/builders/make-record.ts';

const UUID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

const read = (body: Uint8Array, headerList: readonly Header[] = []) =>
  readFraming({ ...makeSqsRecord({}), body, headerList });

describe('readFraming', () => {
  it('reads the id and the payload as they were framed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.uint8Array(), (id, payload) => {
        expect(read(confluentFrame(id, payload))).toMatchObject({
          schemaId: { kind: 'confluent-id', id },
          isCompressed: false,
        });
        expect(read(confluentFrame(id, payload))).toHaveProperty('payload', Buffer.from(payload));
      }),
    );
    fc.assert(
      fc.property(fc.uuid(), fc.uint8Array(), fc.boolean(), (versionId, payload, isCompressed) => {
        const framed = read(glueFrame(versionId, payload, isCompressed ? 5 : 0));
        expect(framed).toMatchObject({ schemaId: { kind: 'glue', versionId }, isCompressed });
        expect(framed).toHaveProperty('payload', Buffer.from(payload));
      }),
    );
  });

  it('reads a GUID in front of the value, or in a header beside a bare value', () => {
    const value = Buffer.from('value');
    const schemaId = { kind: 'confluent-guid', guid: UUID };
    expect(read(guidHeader(UUID, value))).toMatchObject({ schemaId, payload: value });

    const header = { name: '__value_schema_id', value: guidHeader(UUID, Buffer.from([0])) };
    expect(read(value, [header])).toMatchObject({ schemaId, payload: value, headerRest: Buffer.from([0]) });
  });

  it('prefers the last header with a schema id to the bytes in front of the value', () => {
    const headers = ['11111111-1111-1111-1111-111111111111', UUID].map((guid) => ({
      name: '__value_schema_id',
      value: guidHeader(guid),
    }));
    const value = confluentFrame(1, Buffer.from('value'));
    expect(read(value, headers)).toMatchObject({ schemaId: { guid: UUID }, payload: value });
    expect(read(value, [{ name: '__key_schema_id', value: guidHeader(UUID) }])).toMatchObject({
      schemaId: { kind: 'confluent-id', id: 1 },
    });
    expect(read(value, [{ name: '__value_schema_id', value: Buffer.from('no id') }])).toMatchObject({
      schemaId: { kind: 'confluent-id', id: 1 },
    });
  });

  it.each([
    ['JSON', Buffer.from('{}')],
    ['nothing', Buffer.alloc(0)],
    ['an id that is cut short', Buffer.from([0, 0, 0, 1])],
    ['a GUID that is cut short', Buffer.alloc(16, 1)],
    ['a schema version that is cut short', Buffer.from([3, 0, 1])],
    ['an unknown compression', glueFrame(UUID, Buffer.alloc(0), 1)],
    ['another magic byte', Buffer.alloc(30, 2)],
  ])('rejects a value without an id: %s', (_what, value) => {
    expect(read(value)).toMatchObject({ kind: 'rejected', rejection: { code: 'schema-id-missing' } });
  });

  it('framingVendor recognizes framing by the first byte', () => {
    expect([0, 1, 2, 3].map((first) => framingVendor(Buffer.from([first])))).toEqual([
      'Confluent',
      'Confluent',
      undefined,
      'AWS Glue',
    ]);
    expect(framingVendor(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('inflatePayload', () => {
  const compressed = (payload: Uint8Array) => {
    const framed = read(glueFrame(UUID, deflateSync(payload), 5));
    if (framed.kind === 'rejected') throw new Error(framed.rejection.detail);
    return framed;
  };

  it('returns the payload that was compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (payload) => {
        expect(inflatePayload(compressed(payload), 1_000)).toEqual(Buffer.from(payload));
      }),
    );
  });

  it('rejects a payload that would be larger than allowed, however small it is compressed', () => {
    expect(inflatePayload(compressed(Buffer.alloc(10_000_000)), 1_000)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'schema-mismatch' },
    });
  });

  it('rejects a payload that is not compressed, though its framing says so', () => {
    const framed = read(glueFrame(UUID, Buffer.from('value'), 5));
    if (framed.kind === 'rejected') throw new Error(framed.rejection.detail);
    expect(inflatePayload(framed, 1_000)).toMatchObject({ kind: 'rejected' });
  });
});
