/** Cursor over untrusted bytes, which never reads beyond their end, whatever lengths they claim. */
import { JsonBudget } from './json-budget.ts';
import { UndecodableError } from './undecodable-error.ts';

/** Prefect takes no deeper values as parameters of a flow run. */
const MAX_DEPTH = 500;

/** Items that take no bytes, such as nulls, let a short value claim any number of them. */
const MAX_ITEMS = 1_000_000;

export class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;
  #items = 0;
  readonly budget = new JsonBudget();

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer {
    if (!(length >= 0 && length <= this.remaining)) throw new UndecodableError('it ends too early');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  takeRest(): Buffer {
    return this.take(this.remaining);
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new UndecodableError('it ends too early');
    this.#at += 1;
    return byte;
  }

  /** Read an integer of at most 64 bits, in groups of 7 with the least significant first, as Avro and Protobuf do. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new UndecodableError('an integer has more than 64 bits');
  }

  /** Read a signed integer exactly: as a `number` where that is possible. */
  zigzag(): number | bigint {
    const [first = 0x80, second = 0x80] = this.#bytes.subarray(this.#at, this.#at + 2);
    // Nearly all integers in records are short, and bigint is slow.
    if (first < 0x80) {
      this.#at += 1;
      return (first >>> 1) ^ -(first & 1);
    }
    if (second < 0x80) {
      this.#at += 2;
      const value = (first & 0x7f) | (second << 7);
      return (value >>> 1) ^ -(value & 1);
    }
    const value = this.varint();
    const signed = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed;
  }

  /** Run `read` one level deeper. */
  nested<Value>(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new UndecodableError(`it is nested more than ${MAX_DEPTH} levels deep`);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  countItem(): void {
    this.#items += 1;
    if (this.#items > MAX_ITEMS) throw new UndecodableError(`it has more than ${MAX_ITEMS} items`);
  }
}
