import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BundledConfigError, readBundledConfig } from '../../../../lib/adapters/aws/bundled-config.ts';
import { makeCompiledConfig } from '../../../support/builders/compiled-config.ts';

let taskRoot = '';

beforeEach(() => {
  taskRoot = mkdtempSync(join(tmpdir(), 'sluice-'));
});
afterEach(() => {
  rmSync(taskRoot, { recursive: true });
});

describe('readBundledConfig', () => {
  it('reads the configuration beside the code', () => {
    writeFileSync(join(taskRoot, 'sluice.config.json'), JSON.stringify(makeCompiledConfig()));
    expect(readBundledConfig(taskRoot)).toEqual(makeCompiledConfig());
  });

  it.each(['', '{', 'null', '{}', '{"formatVersion":2}'])('refuses the file %j', (text) => {
    writeFileSync(join(taskRoot, 'sluice.config.json'), text);
    expect(() => readBundledConfig(taskRoot)).toThrow(BundledConfigError);
  });

  it('says which file is missing and what to do', () => {
    expect(() => readBundledConfig(taskRoot)).toThrow(
      /sluice\.config\.json cannot be read.*deploy the function again/,
    );
  });
});
