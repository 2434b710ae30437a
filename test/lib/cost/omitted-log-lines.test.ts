import { describe, expect, it } from 'vitest';
import { describeOmittedLogLines } from '../../../lib/cost/omitted-log-lines.ts';

describe('what the log cannot say', () => {
  it('is nothing by default', () => {
    expect(describeOmittedLogLines({ level: 'INFO', outcomes: { kind: 'all' } })).toBeNull();
    expect(describeOmittedLogLines({ level: 'DEBUG', outcomes: { kind: 'all' } })).toBeNull();
  });

  it('is what became of events that went well, and names the setting', () => {
    expect(describeOmittedLogLines({ level: 'INFO', outcomes: { kind: 'exceptions' } })).toMatch(
      /^logs\.outcomes is exceptions: the log says of no event that went well what became of it/,
    );
    expect(describeOmittedLogLines({ level: 'INFO', outcomes: { kind: 'sampled', share: 0.0005 } })).toMatch(
      /^logs\.outcomes is sampled: 0\.05%: the log says of 0\.05% of the events that went well/,
    );
    expect(describeOmittedLogLines({ level: 'WARN', outcomes: { kind: 'all' } })).toMatch(
      /^logs\.level is warn: /,
    );
  });
});
