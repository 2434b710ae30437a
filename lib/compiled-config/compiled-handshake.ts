/** Requests with which a sender asks whether an endpoint belongs to its owner, as the functions read them. */
export interface CompiledHandshake {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** The place of the text that the sender wants back; null when the status is the whole response. */
  readonly challenge: CompiledChallenge | null;
  readonly answer: CompiledHandshakeAnswer;
  /** A query parameter that has to hold a token from Secrets Manager; null when anyone may ask. */
  readonly token: { readonly parameter: string; readonly secret: string } | null;
}

export interface CompiledChallenge {
  /** Names of headers are in lower case. `body`: the only member of a JSON object. */
  readonly in: 'query' | 'header' | 'body';
  readonly name: string;
}

/** `text`: the challenge as text/plain. `json`: an object with the challenge as its only member. */
export type CompiledHandshakeAnswer =
  { readonly kind: 'text' } | { readonly kind: 'json'; readonly member: string } | { readonly kind: 'empty' };
