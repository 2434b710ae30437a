import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compileSchema } from '../../../lib/schema-registry/schema-decoder.ts';

const run = promisify(execFile);

describe('compileSchema', () => {
  afterEach(() => {
    vi.doUnmock('../../../lib/schema-registry/avro-decoder.ts');
  });

  it('rejects values of a schema that is not valid', async () => {
    const schema = { type: 'avro', text: '{"type":"no such type"}', references: [], subjects: [] } as const;
    expect(await compileSchema(schema)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'schema-unusable' },
    });
  });

  it('throws, so that values are redelivered, when the decoder cannot be loaded', async () => {
    vi.doMock('../../../lib/schema-registry/avro-decoder.ts', () => {
      throw new Error('module not found');
    });
    const schema = { type: 'avro', text: '"string"', references: [], subjects: [] } as const;
    await expect(compileSchema(schema)).rejects.toThrow();
  });

  it.each(['avro-decoder', 'protobuf-decoder'])(
    'can load %s in Node itself, without a bundler',
    async (name) => {
      const url = new URL(`../../../lib/schema-registry/${name}.ts`, import.meta.url).href;
      const { stdout } = await run(process.execPath, [
        '-e',
        `import('${url}').then(() => console.log('loaded'))`,
      ]);
      expect(stdout).toBe('loaded\n');
    },
  );
});
