import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureOf, unavailableOf } from '../../../lib/prefect/classify-response.ts';

const SECRET = 'bob@example.com';

// Bodies as Prefect 3.9.1 answers them, with a secret of the event in every place where one was seen.
const schemaMismatch = {
  detail: `Error creating flow run: Validation failed for field "orders[0]['${SECRET}']". Failure reason: '${SECRET}' is not of type 'integer'`,
};
const missing = {
  detail: `Error creating flow run: Validation failed. Failure reason: Additional properties are not allowed ('${SECRET}' was unexpected)`,
};
const hydration = { detail: `Error hydrating flow run parameters: Invalid jinja: ${SECRET}` };
const invalidRequest = {
  exception_message: 'Invalid request received.',
  exception_detail: [
    { type: 'bool_type', loc: ['body', 'labels', SECRET, 'bool'], msg: SECRET, input: [SECRET] },
    { type: 'int_type', loc: ['body', 'labels', SECRET, 'int'], msg: SECRET, input: [SECRET] },
  ],
  request_body: { parameters: { n: SECRET } },
};
const tooLarge = {
  exception_message: 'Invalid request received.',
  exception_detail: [
    {
      type: 'value_error',
      loc: ['body', 'parameters'],
      msg: 'Value error, Flow run parameters must be less than 524,288 bytes when serialized (got 524,296 bytes).',
      input: { n: SECRET },
    },
  ],
  request_body: { parameters: { n: SECRET } },
};
const integrity = {
  detail: 'Data integrity conflict. This usually means a unique or foreign key constraint was violated.',
};

describe('an answer that refuses for good', () => {
  test.each([
    [400, hydration, 'Prefect could not hydrate the parameters (400)'],
    [
      409,
      schemaMismatch,
      'parameter orders[0]… does not match the schema of the flow: expected integer (409)',
    ],
    [
      409,
      missing,
      'the parameters do not match the schema of the flow: one is missing, or unknown to it (409)',
    ],
    [413, undefined, 'the request is too large for Prefect or a proxy before it (413)'],
    [422, tooLarge, 'the parameters are 524,296 bytes, Prefect takes 524,288 (422)'],
    [422, invalidRequest, 'bool_type at body.labels; int_type at body.labels (422)'],
    [422, { detail: 'Invalid schema' }, 'Prefect does not accept the request (422)'],
  ])('%i says what was wrong, and nothing of the event', (status, body, detail) => {
    expect(failureOf(status, body, null)).toEqual({ kind: 'refused', status, detail });
  });
});

describe('the refusal of parameters that do not match the schema', () => {
  const refusal = (field: string, reason: string): string => {
    const detail = `Error creating flow run: Validation failed for field ${field}. Failure reason: ${reason}`;
    const answer = failureOf(409, { detail }, null);
    return answer.kind === 'refused' ? answer.detail : answer.kind;
  };

  test.each([
    [
      "'orders[0].orderId'",
      "7 is not of type 'string'",
      'parameter orders[0].orderId does not match the schema of the flow: expected string (409)',
    ],
    [
      "'n'",
      "'a' is not of type 'integer', 'null'",
      'parameter n does not match the schema of the flow: expected integer or null (409)',
    ],
    [
      "'orders[12]'",
      "'orderId' is a required property",
      'parameter orders[12] does not match the schema of the flow: its field orderId is missing (409)',
    ],
    ["'n'", '5 is greater than the maximum of 3', 'parameter n does not match the schema of the flow (409)'],
  ])('at %s because %s keeps the path and what is expected', (field, reason, detail) => {
    expect(refusal(field, reason)).toBe(detail);
  });

  test('never repeats a value, whatever the value looks like', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'binary' }), (value) => {
        const secret = `<${value}>`;
        for (const reason of [
          `'${secret}' is not of type 'string'`,
          `'${secret}' is a required property`,
          secret,
        ]) {
          expect(refusal(`"orders[0]['${secret}']"`, reason)).not.toContain(secret);
          expect(refusal("'orders[0]'", reason)).not.toContain(secret);
        }
      }),
    );
  });
});

describe('an answer that leaves the question open', () => {
  test.each([
    [401, { exception_message: 'Unauthorized' }, 'check the secret that prefect.auth names'],
    [403, undefined, 'check the roles of the API key'],
    [
      403,
      { detail: 'Invalid CSRF token or client identifier.' },
      'PREFECT_SERVER_CSRF_PROTECTION_ENABLED=false',
    ],
    [404, { detail: 'Not Found' }, 'check prefect.apiUrl'],
    [404, undefined, 'check prefect.apiUrl'],
    [400, undefined, 'is a proxy in between?'],
    [408, undefined, 'waited too long'],
    [409, integrity, 'most often a race'],
    [409, { detail: 'Error updating deployment: …' }, 'not what its API answers'],
    [422, undefined, 'is a proxy in between?'],
    [429, undefined, 'rate limit'],
    [500, { exception_message: 'Internal Server Error' }, 'unavailable, or cannot take this input'],
    [503, { exception_message: 'Service Unavailable' }, 'unavailable, or cannot take this input'],
    [504, undefined, 'unavailable'],
    [307, undefined, 'check prefect.apiUrl'],
    [200, {}, 'check prefect.apiUrl'],
  ])('%i is nobody’s fault: tried again, not dead-lettered', (status, body, hint) => {
    const answer = failureOf(status, body, 1620);
    expect(answer).toMatchObject({ kind: 'unavailable', status, retryAfterMs: 1620 });
    expect(JSON.stringify(answer)).toContain(hint);
  });

  test('a look-up is never refused: its failure proves nothing about a run', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), (status) => {
        expect(unavailableOf(status, invalidRequest, null)).toMatchObject({ kind: 'unavailable', status });
      }),
    );
  });
});

test('a deployment is gone only if Prefect itself says so, not a proxy or a wrong URL', () => {
  expect(failureOf(404, { detail: 'Deployment not found' }, null)).toEqual({ kind: 'deployment-gone' });
  expect(failureOf(404, { detail: 'Not Found' }, null).kind).toBe('unavailable');
});

test('whatever the status and the body, the answer is one, and holds nothing that was sent', () => {
  const bodies = fc.oneof(
    fc.constantFrom(schemaMismatch, missing, hydration, invalidRequest, tooLarge, integrity),
    fc.anything(),
    fc.record({ detail: fc.anything() }),
    fc.record({ exception_message: fc.string(), exception_detail: fc.array(fc.anything()) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
      const answer = failureOf(status, body, null);
      expect(['refused', 'unavailable', 'deployment-gone']).toContain(answer.kind);
      expect(JSON.stringify(answer)).not.toContain(SECRET);
      expect(JSON.stringify(answer).length).toBeLessThan(400);
    }),
  );
});
