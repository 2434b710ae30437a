import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EnvironmentError,
  readHttpIngestEnvironment,
  readTriggerEnvironment,
  readRunInquiryEnvironment,
} from '../../../lib/compiled-config/environment.ts';

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';

function problemsOf(read: () => unknown): EnvironmentError['problems'] {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment of http-ingest', () => {
  it('is read from its two variables and nothing else', () => {
    expect(
      readHttpIngestEnvironment({ SLUICE_SOURCE: 'orders', SLUICE_QUEUE_URL: queueUrl, PATH: '/bin' }),
    ).toEqual({ source: 'orders', queueUrl });
  });

  it('reports every missing variable at once', () => {
    expect(problemsOf(() => readHttpIngestEnvironment({})).map(({ variable }) => variable)).toEqual([
      'SLUICE_SOURCE',
      'SLUICE_QUEUE_URL',
    ]);
  });
});

describe('the environment of http-ingest that answers with flow runs', () => {
  it('is read from the name of the table', () => {
    expect(readRunInquiryEnvironment({ SLUICE_TABLE_NAME: 'sluice' })).toEqual({ tableName: 'sluice' });
    expect(problemsOf(() => readRunInquiryEnvironment({})).map(({ variable }) => variable)).toEqual([
      'SLUICE_TABLE_NAME',
    ]);
  });
});

describe('the environment of a function that creates flow runs', () => {
  const complete = {
    SLUICE_SOURCE: 'jobs',
    SLUICE_TABLE_NAME: 'sluice',
    SLUICE_INSTALLATION: 'Sluice',
    SLUICE_DEAD_LETTER_QUEUE_URL: queueUrl,
  };

  it('is read from its variables', () => {
    expect(readTriggerEnvironment(complete)).toEqual({
      source: 'jobs',
      tableName: 'sluice',
      installation: 'Sluice',
      deadLetterQueueUrl: queueUrl,
      timerQueueUrl: null,
      overflowBucket: null,
    });
  });

  it('has a bucket when routes have overflow: s3', () => {
    const env = { ...complete, SLUICE_OVERFLOW_BUCKET: 'sluice-overflow' };
    expect(readTriggerEnvironment(env).overflowBucket).toBe('sluice-overflow');
    const broken = { ...complete, SLUICE_OVERFLOW_BUCKET: ' ' };
    expect(problemsOf(() => readTriggerEnvironment(broken)).map(({ variable }) => variable)).toEqual([
      'SLUICE_OVERFLOW_BUCKET',
    ]);
  });

  it('has a queue of timers when routes have windows', () => {
    const env = { ...complete, SLUICE_TIMER_QUEUE_URL: `${queueUrl}-timers` };
    expect(readTriggerEnvironment(env).timerQueueUrl).toBe(`${queueUrl}-timers`);
    const broken = { ...complete, SLUICE_TIMER_QUEUE_URL: 'timers' };
    expect(problemsOf(() => readTriggerEnvironment(broken)).map(({ variable }) => variable)).toEqual([
      'SLUICE_TIMER_QUEUE_URL',
    ]);
  });

  it('names exactly the variables that are missing or blank, whichever they are', () => {
    const names = Object.keys(complete);
    fc.assert(
      fc.property(fc.subarray(names), fc.constantFrom(undefined, '', '  '), (broken, value) => {
        const env = { ...complete, ...Object.fromEntries(broken.map((name) => [name, value])) };
        expect(problemsOf(() => readTriggerEnvironment(env)).map(({ variable }) => variable)).toEqual(
          names.filter((name) => broken.includes(name)),
        );
      }),
    );
  });

  it('refuses an ARN or a name where a queue URL belongs, and does not repeat the value', () => {
    const arn = 'arn:aws:sqs:eu-west-1:123456789012:orders';
    for (const value of [arn, 'orders', 'ftp://orders']) {
      const env = { ...complete, SLUICE_DEAD_LETTER_QUEUE_URL: value };
      const [problem] = problemsOf(() => readTriggerEnvironment(env));
      expect(problem?.variable).toBe('SLUICE_DEAD_LETTER_QUEUE_URL');
      expect(problem?.detail).toContain('is not an http(s) URL');
      expect(problem?.detail).not.toContain(value);
    }
  });

  it('says in one line what is wrong, and that retrying does not help', () => {
    const error = new EnvironmentError([
      { variable: 'A', detail: 'is not set' },
      { variable: 'B', detail: 'is empty' },
    ]);
    expect(error.message).toBe('A is not set; B is empty');
    expect(error).toMatchObject({ name: 'EnvironmentError' });
  });
});
