/**
 * Who is let in and who is not, for each kind of sender, and what becomes of what they sent. SNS, JWTs, IAM and client
 * certificates are not among them: their keys are with AWS or an issuer, and no emulator checks the last two.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfigText } from '../../lib/config/load-config.ts';
import {
  deliveriesWith,
  eventually,
  messageCount,
  post,
  runCount,
  storeSecret,
} from '../support/parts/every-source.ts';
import { EVERY_SOURCE_CONFIG } from '../support/setup/every-source-deployment.ts';
import { WEBHOOK_SENDERS, webhookUrl, type WebhookFacts } from '../support/builders/sign-webhook.ts';

interface Caller {
  readonly source: string;
  readonly secret: string;
  readonly otherSecret: string;
  readonly bodyOf: (id: string, nowEpochMs: number) => string;
  readonly headersOf: (facts: WebhookFacts, secret: string) => Readonly<Record<string, string>>;
  /** Else the caller shows its secret as it is. */
  readonly signs: boolean;
  readonly signsTime: boolean;
}

interface SignedRequest {
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Forgery {
  readonly name: string;
  readonly request: SignedRequest;
  readonly code: string;
}

const TWO_HOURS_MS = 7_200_000;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const TAKES_200_ONLY: readonly string[] = ['dropbox', 'meta', 'trello', 'xero'];
const PLAIN_BODY = '{"amount":12}';

const senders = Object.entries(WEBHOOK_SENDERS).map(([source, sender]): Caller => ({
  source,
  ...sender,
  signs: true,
  signsTime: sender.timestampHeader !== null || source === 'linear',
}));

const shownSecrets: Readonly<Record<string, (secret: string) => Readonly<Record<string, string>>>> = {
  'bearer': (secret) => ({ Authorization: `Bearer ${secret}` }),
  'basic': (secret) => ({ Authorization: `Basic ${Buffer.from(secret).toString('base64')}` }),
  'api-key': (secret) => ({ 'X-Api-Key': secret }),
  'gitlab-token': (secret) => ({ 'X-Gitlab-Token': secret }),
};

const others = Object.entries(shownSecrets).map(([source, headersOf]): Caller => ({
  source,
  secret: 'sender:of-the-tests',
  otherSecret: 'sender:somebody-else',
  bodyOf: () => PLAIN_BODY,
  headersOf: (_facts, secret) => headersOf(secret),
  signs: false,
  signsTime: false,
}));

const hmac: Caller = {
  source: 'hmac',
  secret: 'one secret',
  otherSecret: 'another one',
  bodyOf: () => PLAIN_BODY,
  headersOf({ body, nowEpochMs, id }, secret) {
    const timestamp = String(Math.floor(nowEpochMs / 1000));
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    return { 'X-Timestamp': timestamp, 'X-Signature': signature, 'X-Delivery-Id': id };
  },
  signs: true,
  signsTime: true,
};

const callers = [...senders, ...others, hmac];
const names = callers.map(({ source }) => source).sort();

/** `mark` is in the data of the event, by which it is found in a flow run. */
function sign(caller: Caller, mark: string, nowEpochMs: number, secret = caller.secret): SignedRequest {
  const id = randomUUID();
  const body = caller.bodyOf(id, nowEpochMs).replace('{', `{"mark":"${mark}",`);
  const url = webhookUrl(caller.source === 'twilio' ? 'twilio' : 'github', body);
  const headers = { ...JSON_TYPE, ...caller.headersOf({ body, url, nowEpochMs, id }, secret) };
  return { query: new URL(url).search, headers, body };
}

function forgeriesOf(caller: Caller, mark: string): readonly Forgery[] {
  const nowEpochMs = Date.now();
  const genuine = sign(caller, mark, nowEpochMs);
  const noun = caller.signs ? 'signature' : 'credentials';
  const at = (epochMs: number): SignedRequest => sign(caller, mark, epochMs);
  return [
    {
      name: 'wrong secret',
      request: sign(caller, mark, nowEpochMs, caller.otherSecret),
      code: `invalid-${noun}`,
    },
    { name: 'nothing shown', request: { ...genuine, headers: JSON_TYPE }, code: `${noun}-missing` },
    ...(caller.signs
      ? [{ name: 'tampered', request: { ...genuine, body: `${genuine.body} ` }, code: 'invalid-signature' }]
      : []),
    ...(caller.signsTime
      ? [
          { name: 'stale', request: at(nowEpochMs - TWO_HOURS_MS), code: 'timestamp-too-old' },
          { name: 'early', request: at(nowEpochMs + TWO_HOURS_MS), code: 'timestamp-in-future' },
        ]
      : []),
  ];
}

/** What the endpoint answers to the forgeries of one caller, beside what it should. */
async function tryForgeries(caller: Caller, mark: string) {
  const answers: { readonly asked: string; readonly answered: string }[] = [];
  const due: typeof answers = [];
  for (const { name, request, code } of forgeriesOf(caller, mark)) {
    const asked = `${caller.source}: ${name}`;
    const { status, body } = await post(caller.source, request);
    answers.push({ asked, answered: `${String(status)} ${codeOf(body)}` });
    due.push({ asked, answered: `401 ${code}` });
  }
  return { answers, due };
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
}

async function waitingMessages(): Promise<Readonly<Record<string, number>>> {
  const counts = await Promise.all(
    names.map(async (source) => [source, await messageCount(source)] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('every kind of sender', () => {
  let runsBefore = 0;
  const mark = randomUUID();

  beforeAll(async () => {
    await Promise.all(callers.map(({ source, secret }) => storeSecret(`sluice/e2e/${source}`, secret)));
    runsBefore = await runCount();
  });

  it('that has a secret has a source', () => {
    const loaded = loadConfigText(readFileSync(EVERY_SOURCE_CONFIG, 'utf8'), EVERY_SOURCE_CONFIG);
    const sources = loaded.ok ? Object.values(loaded.config.sources) : [];
    const tried = sources.filter(({ name, type }) => type === 'http' && !name.startsWith('fuzzed-'));
    expect(tried.map(({ name }) => name).sort()).toEqual(names);
  });

  it('is refused when it is not itself, and nothing of that goes anywhere', async () => {
    const tried = await Promise.all(callers.map((caller) => tryForgeries(caller, `forged-${mark}`)));
    expect(tried.flatMap(({ answers }) => answers)).toEqual(tried.flatMap(({ due }) => due));
    expect(await waitingMessages()).toEqual({});
    expect(await runCount()).toBe(runsBefore);
  });

  it('is let in when it is itself, and starts one run, however often it sends', async () => {
    const accepted = await Promise.all(
      callers.map(async (caller) => {
        const request = sign(caller, mark, Date.now());
        const first = await post(caller.source, request);
        // As a sender does that missed the answer. Dropbox has no way to say that it sends again.
        const second = caller.source === 'dropbox' ? first : await post(caller.source, request);
        return { source: caller.source, first, second };
      }),
    );
    for (const { source, first, second } of accepted) {
      expect(first.status, source).toBe(TAKES_200_ONLY.includes(source) ? 200 : 202);
      expect(second, source).toEqual(first);
    }
    await eventually(async () => {
      const isAllIn = (await deliveriesWith(mark)).length >= callers.length;
      return isAllIn && Object.keys(await waitingMessages()).length === 0;
    });
    const deliveries = await deliveriesWith(mark);
    expect(deliveries.map(({ source, data }) => ({ source, data }))).toEqual(
      names.map((name) => ({ source: `sluice:${name}`, data: expect.objectContaining({ mark }) as unknown })),
    );
    // By now whatever had been let in of what was forged would be a run, too.
    expect(await runCount()).toBe(runsBefore + callers.length);
  });
});
