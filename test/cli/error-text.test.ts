import { describe, expect, it } from 'vitest';
import { errorText } from '../../cli/error-text.ts';

describe('the text of an error of an AWS client', () => {
  it('says which setting is missing', () => {
    expect(errorText(new Error('Region is missing'))).toBe(
      'Error: Region is missing (set AWS_REGION, or a region in the profile of AWS_PROFILE)',
    );
  });

  it('has the name and the message of any other error', () => {
    expect(errorText(new TypeError('no such stack'))).toBe('TypeError: no such stack');
    expect(errorText('text')).toBe('text');
  });
});
