/** `sources.<name>.handshake`: requests with which a sender asks before it sends, and those of the presets. */
import { z } from 'zod';
import type { CompiledChallenge, CompiledHandshake } from '../../compiled-config/compiled-handshake.ts';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { describeValue } from '../issues/describe-value.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { header } from './fields.ts';
import type { VerifyConfiguration } from './model.ts';

const parameter = textScalar(
  (text) =>
    /^[A-Za-z0-9._~-]{1,100}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-handshake-name',
          describeValue(text),
          'write its name, up to 100 letters, digits and . _ ~ -, for example challenge',
        ),
  { title: 'Name', maxLength: 100, examples: ['challenge'] },
);

export const handshakeModel = strictMap(
  {
    method: z
      .enum(['GET', 'HEAD', 'POST'])
      .describe(
        'The method of the request. A POST is the handshake only if it has no body, or the challenge as the only member of its body or in a header; else it is an event.',
      ),
    query: parameter.optional().describe('The query parameter with the challenge.'),
    header: header.optional().describe('Instead of `query`: the header with the challenge.'),
    body: parameter
      .optional()
      .describe('Instead of `query`: the only member of the JSON body, which is the challenge.'),
    answer: z
      .union([
        z
          .enum(['text', 'empty'])
          .describe('`text`: the challenge as text/plain. `empty`: nothing but the status 200.'),
        strictMap(
          { json: parameter.describe('The name of the member that holds the challenge.') },
          'A JSON object with the challenge.',
        ),
      ])
      .prefault('text')
      .describe('What is sent back.'),
    token: strictMap(
      {
        query: parameter.describe('The query parameter with the token.'),
        secret: secretName.describe('A secret with the token; several as a list while it is being rotated.'),
        kmsKey: secretKmsKey,
      },
      'A token that the handshake has to contain, compared in constant time. Default: anyone may ask.',
    ).optional(),
  },
  'The request with which a sender without a preset asks whether the endpoint is yours. It is answered before `verify`, and is never an event.',
).optional();

type HandshakeConfiguration = NonNullable<z.output<typeof handshakeModel>>;

interface HandshakingSource {
  readonly handshake?: HandshakeConfiguration | undefined;
  readonly verify: VerifyConfiguration;
}

export function compileHandshake({ handshake, verify }: HandshakingSource): CompiledHandshake | null {
  if (handshake === undefined) return typeof verify === 'string' ? null : presetHandshake(verify);
  const { method, answer, token } = handshake;
  return {
    method,
    challenge: challengeOf(handshake),
    answer: typeof answer === 'string' ? { kind: answer } : { kind: 'json', member: answer.json },
    token: token === undefined ? null : { parameter: token.query, secret: token.secret },
  };
}

function challengeOf({ query, header: headerName, body }: HandshakeConfiguration): CompiledChallenge | null {
  if (query !== undefined) return { in: 'query', name: query };
  if (headerName !== undefined) return { in: 'header', name: headerName };
  return body === undefined ? null : { in: 'body', name: body };
}

/** Handshakes that belong to a preset of `verify`. docs/http.md, "Webhook providers", has what each sender documents. */
const PRESETS: Readonly<Record<string, CompiledHandshake>> = {
  'dropbox': {
    method: 'GET',
    challenge: { in: 'query', name: 'challenge' },
    answer: { kind: 'text' },
    token: null,
  },
  'microsoft-graph': {
    method: 'POST',
    challenge: { in: 'query', name: 'validationToken' },
    answer: { kind: 'text' },
    token: null,
  },
  'okta': {
    method: 'GET',
    challenge: { in: 'header', name: 'x-okta-verification-challenge' },
    answer: { kind: 'json', member: 'verification' },
    token: null,
  },
  'monday': {
    method: 'POST',
    challenge: { in: 'body', name: 'challenge' },
    answer: { kind: 'json', member: 'challenge' },
    token: null,
  },
  'trello': { method: 'HEAD', challenge: null, answer: { kind: 'empty' }, token: null },
};

function presetHandshake(verify: Exclude<VerifyConfiguration, string>): CompiledHandshake | null {
  if (verify.scheme !== 'meta') return PRESETS[verify.scheme] ?? null;
  return {
    method: 'GET',
    challenge: { in: 'query', name: 'hub.challenge' },
    answer: { kind: 'text' },
    token: { parameter: 'hub.verify_token', secret: verify.verifyToken.secret },
  };
}

function hasPresetHandshake(scheme: string): boolean {
  return scheme === 'meta' || Object.hasOwn(PRESETS, scheme);
}

interface CheckedSource {
  readonly handshake?: Valid<HandshakeConfiguration> | null | undefined;
  readonly verify?: string | { readonly scheme: string } | null;
}

export function handshakeRules({ name, part: source }: Named<CheckedSource>): readonly ConfigIssue[] {
  const handshake = source?.handshake ?? null;
  if (handshake === null) return [];
  const at = ['sources', name, 'handshake'];
  const verify = source?.verify;
  if (typeof verify === 'object' && verify !== null && hasPresetHandshake(verify.scheme)) {
    const found = `handshake beside verify.scheme: ${verify.scheme}`;
    return [
      {
        code: 'handshake-built-in',
        at,
        anchor: 'key',
        found,
        fix: 'remove it: the scheme answers the handshake',
      },
    ];
  }
  const wrong = (found: string, fix: string): readonly ConfigIssue[] => [
    { code: 'handshake-challenge', at, anchor: 'key', found, fix },
  ];
  const { method, answer } = handshake;
  const places = (['query', 'header', 'body'] as const).filter((place) => handshake[place] !== undefined);
  if (method === null || answer === null) return [];
  if (places.length > 1)
    return wrong(places.join(' beside '), 'keep one of them: the challenge is in one place');
  if (method !== 'POST' && places[0] === 'body')
    return wrong(`body beside ${method}`, 'write query or header');
  if (method === 'HEAD' && answer !== 'empty') {
    return wrong('HEAD, whose response has no body', 'add answer: empty, or write method: GET');
  }
  if (places.length === 0 && answer !== 'empty') {
    return wrong(
      'no challenge to send back',
      'add query: <parameter>, header: <name> or body: <member>, or answer: empty',
    );
  }
  if (places.length === 0 && method === 'POST') {
    return wrong('a POST without a challenge, as events are', 'add query, header or body');
  }
  return [];
}
