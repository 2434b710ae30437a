/** What a webhook provider signs: the body, and what it puts before and after it. */
import { hash } from 'node:crypto';
import type { SignedParts } from './signature-key.ts';
import type { UnverifiedRequest } from './verification.ts';

export interface SignatureInputs {
  readonly request: UnverifiedRequest;
  /** The URL that the sender was given, with the request's query. */
  readonly url: string;
  /** As received: "007" is signed as "007". Empty where the scheme has none. */
  readonly timestampText: string;
  readonly id: string;
}

export interface SignedContent {
  /** The texts that may have been signed, mostly one; none if the request cannot have been signed in this scheme. */
  readonly variants: (inputs: SignatureInputs) => readonly SignedParts[];
  /** Characters between the parts. An id that holds one of them could be cut elsewhere, and is refused. */
  readonly delimiters: readonly string[];
}

const PLACEHOLDER = /\{(timestamp|id|url|body)\}/;

/** `{timestamp}.{body}`: literals, and `{timestamp}`, `{id}`, `{url}`, `{body}`. */
export function signedTemplate(template: string): SignedContent {
  // Split by a pattern with a group, odd places hold the names.
  const pieces = template.split(PLACEHOLDER);
  const literals = pieces.filter((_, index) => index % 2 === 0);
  return {
    delimiters: literals.flatMap((literal) => literal.split(/(?:)/u)),
    variants: (inputs) => [pieces.map((piece, index) => (index % 2 === 0 ? piece : valueOf(piece, inputs)))],
  };
}

function valueOf(name: string, { request, url, timestampText, id }: SignatureInputs): string | Uint8Array {
  switch (name) {
    case 'timestamp':
      return timestampText;
    case 'id':
      return id;
    case 'url':
      return url;
    default:
      return request.unverifiedBody;
  }
}

/** HubSpot signs the URL with these escapes undone. https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests */
const HUBSPOT_ESCAPES = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

export const HUBSPOT_CONTENT: SignedContent = {
  delimiters: [],
  variants: ({ request, url, timestampText }) => [
    [
      'POST',
      url.replace(HUBSPOT_ESCAPES, (escape) => decodeURIComponent(escape)),
      request.unverifiedBody,
      timestampText,
    ],
  ],
};

/**
 * Twilio signs the URL and the decoded form, not the bytes of the body: the one scheme besides SNS whose body has to be
 * read before it is verified. Reading a form is linear in its length and runs nothing. Any other body is signed by its
 * digest in the URL. Twilio signs the URL with or without the default port, and its own library accepts both.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export const TWILIO_CONTENT: SignedContent = {
  delimiters: [],
  variants({ request, url }) {
    const body = twilioBodyText(request, url);
    return body === null ? [] : urlsWithAndWithoutPort(url).map((each) => [each, body]);
  },
};

/** The text that Twilio signs after the URL; null if it would not sign such a body. */
function twilioBodyText(request: UnverifiedRequest, url: string): string | null {
  const signedDigest = /[?&]bodySHA256=([0-9a-fA-F]{64})(?:&|$)/.exec(url)?.[1];
  if (signedDigest !== undefined) {
    const digest = hash('sha256', request.unverifiedBody, 'hex');
    return digest === signedDigest.toLowerCase() ? '' : null;
  }
  const contentType = request.headers.get('content-type') ?? '';
  if (/^application\/x-www-form-urlencoded(?:;|$)/i.test(contentType.trim())) {
    return formText(request.unverifiedBody);
  }
  return request.unverifiedBody.length === 0 ? '' : null;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': ':443', 'http:': ':80' };

function urlsWithAndWithoutPort(url: string): readonly string[] {
  const [, scheme = '', host = '', port = '', rest = ''] =
    /^(https?:)(\/\/[^/?#:]+)(:\d+)?([/?#].*)?$/.exec(url) ?? [];
  const defaultPort = DEFAULT_PORTS[scheme];
  if (defaultPort === undefined) return [url];
  return [scheme + host + (port === '' ? defaultPort : port) + rest, scheme + host + rest];
}

/** Names and values without anything between them, sorted by name; of a repeated name each value once, sorted. */
function formText(unverifiedBody: Uint8Array): string {
  const form = new URLSearchParams(Buffer.from(unverifiedBody).toString('utf8'));
  const valuesByName = new Map<string, Set<string>>();
  for (const [name, value] of form) {
    const values = valuesByName.get(name) ?? new Set<string>();
    valuesByName.set(name, values.add(value));
  }
  return [...valuesByName]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, values]) => [...values].sort().map((value) => name + value))
    .join('');
}
