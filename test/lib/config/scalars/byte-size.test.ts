import { describe, expect, it } from 'vitest';
import { parseByteSize, sizeInMiB } from '../../../../lib/config/scalars/byte-size.ts';

describe('sizes', () => {
  it.each([
    ['512B', 512],
    ['400KiB', 409_600],
    ['1.5MiB', 1_572_864],
    ['2GiB', 2_147_483_648],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', '10', '400KB', '400kib', '400 KiB', '-1B', 'KiB', 'constructor', '1toString'])(
    'refuses the size %j',
    (text) => {
      expect(parseByteSize(text)).toBeNull();
    },
  );

  it('refuses a size that is a fraction of the unit of the field', () => {
    const memory = sizeInMiB({ minimum: '128MiB', maximum: '10240MiB' });
    expect(memory.parse('1GiB')).toBe(1024);
    expect(memory.safeParse('300.5MiB').success).toBe(false);
  });
});
