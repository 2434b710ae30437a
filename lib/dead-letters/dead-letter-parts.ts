/** Joins dead letters that are spread over several messages. */
import { parseJson } from '../json/untrusted-json.ts';
import type { DeadLetterPart } from './dead-letter-message.ts';

export interface JoinedDeadLetter<Message> {
  readonly deadLetterJson: string;
  /** All messages that hold its parts, copies included. */
  readonly messages: readonly Message[];
}

interface Collected<Message> {
  readonly texts: Map<number, string>;
  readonly messages: Message[];
}

export class DeadLetterParts<Message> {
  readonly #collected = new Map<string, Collected<Message>>();

  /** Return the dead letter if this was its last missing part, and null before that or if the parts are not valid JSON. */
  add(part: DeadLetterPart, message: Message): JoinedDeadLetter<Message> | null {
    const { deadLetterId: letterId, number, of, envelope, recordPart } = part;
    const collected = this.#collected.get(letterId) ?? { texts: new Map<number, string>(), messages: [] };
    this.#collected.set(letterId, collected);
    collected.texts.set(number, recordPart);
    collected.messages.push(message);
    if (collected.texts.size < of) return null;
    const inOrder = [...collected.texts].sort(([one], [other]) => one - other);
    const record = parseJson(inOrder.map(([, text]) => text).join(''));
    if (record === undefined) return null;
    this.#collected.delete(letterId);
    return { deadLetterJson: JSON.stringify({ ...envelope, record }), messages: collected.messages };
  }

  /** The messages of dead letters that lack a part. */
  get incomplete(): readonly Message[] {
    return [...this.#collected.values()].flatMap(({ messages }) => messages);
  }
}
