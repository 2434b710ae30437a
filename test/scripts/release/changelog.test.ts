import { describe, expect, it } from 'vitest';
import { changelogSection, releaseProblems } from '../../../scripts/release/changelog.ts';

const CHANGELOG = `# Changelog

## Unreleased

### Added

- Something that is not out yet.

## [1.2.0] - 2026-12-01

### Fixed

- A fix.

## 1.1.0

## 1.0.0-rc.1

- A first candidate.
`;

describe('the changelog of a release', () => {
  it('has the text between the heading of its version and the next version', () => {
    expect(changelogSection(CHANGELOG, '1.2.0')).toBe('### Fixed\n\n- A fix.');
    expect(changelogSection(CHANGELOG, '1.0.0-rc.1')).toBe('- A first candidate.');
  });

  it('is missing for a version that is only part of another one', () => {
    expect(changelogSection(CHANGELOG, '1.2')).toBeNull();
    expect(changelogSection(CHANGELOG, '1x2.0')).toBeNull();
  });
});

describe('a release', () => {
  it('may happen when tag, package and changelog agree', () => {
    expect(releaseProblems('v1.2.0', '1.2.0', CHANGELOG)).toEqual([]);
  });

  it('is refused with every reason at once', () => {
    expect(releaseProblems('v2.0.0', '1.2.0', CHANGELOG)).toEqual([
      'package.json has version 1.2.0, and the tag is v2.0.0',
      'CHANGELOG.md has no section for version 2.0.0',
    ]);
  });

  it('is refused while its section of the changelog is empty', () => {
    expect(releaseProblems('v1.1.0', '1.1.0', CHANGELOG)).toEqual([
      'the section of CHANGELOG.md for version 1.1.0 is empty',
    ]);
  });
});
