/** Letters that are spread over several messages, until all their parts are there. */
import { parseJson } from '../json/untrusted-json.ts';
import type { LetterPart } from './dead-letter-message.ts';

export interface JoinedLetter<Message> {
  readonly letterJson: string;
  /** All messages that it came in, copies included. */
  readonly messages: readonly Message[];
}

interface Collected<Message> {
  readonly texts: Map<number, string>;
  readonly messages: Message[];
}

export class LetterParts<Message> {
  readonly #collected = new Map<string, Collected<Message>>();

  /** The letter, once this was the part that it lacked; null until then, and for parts that make no record. */
  add(part: LetterPart, message: Message): JoinedLetter<Message> | null {
    const { letterId, number, of, envelope, recordPart } = part;
    const collected = this.#collected.get(letterId) ?? { texts: new Map<number, string>(), messages: [] };
    this.#collected.set(letterId, collected);
    collected.texts.set(number, recordPart);
    collected.messages.push(message);
    if (collected.texts.size < of) return null;
    const inOrder = [...collected.texts].sort(([one], [other]) => one - other);
    const record = parseJson(inOrder.map(([, text]) => text).join(''));
    if (record === undefined) return null;
    this.#collected.delete(letterId);
    return { letterJson: JSON.stringify({ ...envelope, record }), messages: collected.messages };
  }

  /** Messages of letters that lack a part. */
  get incomplete(): readonly Message[] {
    return [...this.#collected.values()].flatMap(({ messages }) => messages);
  }
}
