import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimerMessage, timerMessageOf } from '../../../lib/windows/timer-message.ts';
import { windowIdOf } from '../../../lib/windows/window.ts';
import type { WindowTimer } from '../../../lib/windows/window-ports.ts';
import { sampleTimer } from '../../support/builders/sample-windows.ts';

const timer: fc.Arbitrary<WindowTimer> = fc
  .record({
    route: fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/),
    keyHash: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    sequence: fc.maxSafeNat(),
    routeVersion: fc.stringMatching(/^[0-9a-f]{16}$/),
    dueEpochMs: fc.maxSafeNat(),
  })
  .map(({ route, keyHash, sequence, routeVersion, dueEpochMs }) => {
    const ref = { series: { route, keyHash }, sequence };
    return { windowId: windowIdOf(ref), ref, routeVersion, dueEpochMs };
  });

describe('the message of a timer', () => {
  it('is the same timer when it is read', () => {
    fc.assert(
      fc.property(timer, (each) => {
        expect(parseTimerMessage(timerMessageOf(each))).toEqual({ kind: 'timer', timer: each });
      }),
    );
  });

  it('is read or rejected, whatever it says, without being quoted', () => {
    const secret = 'a-secret-that-nobody-may-read';
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(timer, fc.dictionary(fc.constantFrom(...MEMBERS), fc.jsonValue()))
        .map(([each, changes]) =>
          JSON.stringify({ ...(JSON.parse(timerMessageOf(each)) as object), ...changes, secret }),
        ),
    );
    fc.assert(
      fc.property(body, (text) => {
        const reading = parseTimerMessage(text);
        if (reading.kind === 'rejected') expect(reading.detail).not.toContain(secret);
        else expect(reading.timer.windowId).toBe(windowIdOf(reading.timer.ref));
      }),
    );
  });

  it.each([
    ['v', 2, 'it is not JSON with "v": 1'],
    ['route', 'Process Orders', 'route is not the name of a route'],
    ['route', 'a#b', 'route is not the name of a route'],
    ['keyHash', 'short', 'keyHash is not a SHA-256 in base64url'],
    ['sequence', -1, 'sequence is not a whole number from 0'],
    ['sequence', 1.5, 'sequence is not a whole number from 0'],
    ['sequence', '1', 'sequence is not a whole number from 0'],
    ['routeVersion', 'x'.repeat(16), 'routeVersion is not 16 hexadecimal digits'],
    ['dueEpochMs', null, 'dueEpochMs is not a whole number from 0'],
  ])('is rejected when %s is %j', (member, value, detail) => {
    const message = JSON.parse(timerMessageOf(sampleTimer())) as object;

    expect(parseTimerMessage(JSON.stringify({ ...message, [member]: value }))).toEqual({
      kind: 'rejected',
      detail: `The message is not a timer: ${detail}.`,
    });
  });

  it.each(['', 'not JSON', 'null', '[]', '"text"', '1'])('is rejected when it is %j', (body) => {
    expect(parseTimerMessage(body)).toMatchObject({ kind: 'rejected' });
  });
});

const MEMBERS = ['v', 'route', 'keyHash', 'sequence', 'routeVersion', 'dueEpochMs'] as const;
