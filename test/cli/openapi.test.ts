import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../cli/openapi.ts';

const SAMPLE = fileURLToPath(new URL('../../sluice.yaml', import.meta.url));

describe('sluice openapi', () => {
  it('prints the document of a sound configuration', () => {
    const { exitCode, output, errorOutput } = openApi(SAMPLE, { server: 'https://api.example.com/' });
    const document: unknown = JSON.parse(output);
    expect([exitCode, errorOutput]).toEqual([0, '']);
    expect(document).toMatchObject({
      openapi: '3.1.1',
      servers: [{ url: 'https://api.example.com' }],
      paths: { '/orders': { post: {} } },
    });
  });

  it('ends with 2 for a file that is not there', () => {
    expect(openApi('nowhere.yaml', {})).toMatchObject({ exitCode: 2, output: '' });
  });

  it('ends with 1 and the problems for a configuration that is not sound', () => {
    const { exitCode, output, errorOutput } = openApi(fileURLToPath(import.meta.url), {});
    expect([exitCode, output]).toEqual([1, '']);
    expect(errorOutput).not.toBe('');
  });
});
