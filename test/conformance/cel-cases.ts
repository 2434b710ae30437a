/** The conformance tests of the CEL specification (github.com/google/cel-spec), run in our environment. */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { tests as suites } from '@bufbuild/cel-spec/testdata/conformance.js';
import { celEnvironment } from '../../lib/expressions/cel-environment.ts';
import { parseProgram } from '../../lib/expressions/cel-program.ts';
import { parseDuration } from '../../lib/expressions/duration.ts';
import { parseTimestamp } from '../../lib/expressions/timestamp.ts';
import { canonicalCelValue, typeName } from './canonical-cel-value.ts';

export interface CelCase {
  /** `suite/section/name`. */
  readonly name: string;
  readonly suite: string;
  readonly expression: string;
  readonly bindings: ReadonlyMap<string, unknown>;
  readonly variables: ReadonlyMap<string, string>;
  /** Canonical text of the value, `error` where the evaluation has to fail, `any` where only the type is given. */
  readonly expected: string;
}

export type CelVerdict =
  | { readonly kind: 'agrees' }
  /** Our environment says at once that it does not offer this. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'differs'; readonly actual: string };

/** Cases about messages of Protobuf and functions of a host have no meaning here; count them, and skip them. */
export interface CelCases {
  readonly cases: readonly CelCase[];
  readonly skipped: number;
}

export function readCelCases(): CelCases {
  const cases: CelCase[] = [];
  let skipped = 0;
  const walk = (suite: SpecSuite, path: readonly string[]): void => {
    for (const { original } of suite.tests ?? []) {
      try {
        cases.push(toCase(original, path));
      } catch (error) {
        if (!(error instanceof ForeignValueError)) throw error;
        skipped += 1;
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, [...path, inner.name]);
  };
  for (const suite of (suites as SpecSuite).suites ?? []) walk(suite, [suite.name]);
  return { cases, skipped };
}

export function judge({ expression, bindings, variables, expected }: CelCase): CelVerdict {
  const environment = celEnvironment.clone();
  try {
    for (const [name, type] of variables) environment.registerVariable(name, type);
  } catch (error) {
    return { kind: 'refused', message: `variable: ${String(error)}` };
  }
  const parsed = parseProgram(environment, expression);
  if (parsed.kind === 'refused') {
    return expected === 'error' ? { kind: 'agrees' } : { kind: 'refused', message: parsed.message };
  }
  if (expected === 'any') return { kind: 'agrees' };
  let actual: string;
  try {
    actual = canonicalCelValue(parsed.program.run(Object.fromEntries(bindings)));
  } catch {
    actual = 'error';
  }
  return actual === expected ? { kind: 'agrees' } : { kind: 'differs', actual };
}

/** JSON of `cel.expr.conformance.test.SimpleTest`, as far as it is used. */
interface SpecTest {
  readonly name: string;
  readonly expr: string;
  readonly value?: SpecValue;
  readonly typedResult?: { readonly result?: SpecValue };
  readonly evalError?: unknown;
  readonly checkOnly?: boolean;
  readonly container?: string;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: SpecType } }[];
  readonly bindings?: Readonly<Record<string, { readonly value: SpecValue }>>;
}

interface SpecSuite {
  readonly name: string;
  readonly suites?: readonly SpecSuite[];
  readonly tests?: readonly { readonly original: SpecTest }[];
}

type SpecValue = Readonly<Record<string, unknown>>;
type SpecType = Readonly<Record<string, unknown>>;

/** A message of Protobuf, a namespace of them, or a function of a host. */
class ForeignValueError extends Error {
  override readonly name = 'ForeignValueError';
}

function toCase(test: SpecTest, path: readonly string[]): CelCase {
  if (test.container !== undefined) throw new ForeignValueError(test.container);
  return {
    name: [...path, test.name].join('/'),
    suite: path[0] ?? '',
    expression: test.expr,
    bindings: new Map(Object.entries(test.bindings ?? {}).map(([name, { value }]) => [name, valueOf(value)])),
    variables: new Map((test.typeEnv ?? []).map(({ name, ident }) => [name, typeOf(ident?.type)])),
    expected: expectedOf(test),
  };
}

function expectedOf({ value, typedResult, evalError, checkOnly }: SpecTest): string {
  if (checkOnly === true) return 'any';
  if (evalError !== undefined) return 'error';
  const expected = value ?? typedResult?.result;
  // The protocol buffer's default: a test without a result expects true.
  return expected === undefined ? 'bool true' : canonicalCelValue(valueOf(expected));
}

interface SpecEntries {
  readonly entries?: readonly { readonly key: SpecValue; readonly value: SpecValue }[];
}

function valueOf(spec: SpecValue): unknown {
  const [[kind, value] = ['', null]] = Object.entries(spec);
  switch (kind) {
    case 'int64Value':
      return BigInt(String(value));
    case 'uint64Value':
      return new UnsignedInt(BigInt(String(value)));
    case 'doubleValue':
      return Number(value);
    case 'boolValue':
    case 'stringValue':
      return value;
    case 'nullValue':
      return null;
    case 'bytesValue':
      return new Uint8Array(Buffer.from(String(value), 'base64'));
    case 'listValue':
      return ((value as { readonly values?: readonly SpecValue[] }).values ?? []).map(valueOf);
    case 'mapValue':
      return new Map(
        ((value as SpecEntries).entries ?? []).map((entry) => [valueOf(entry.key), valueOf(entry.value)]),
      );
    case 'typeValue':
      return { typeName: value };
    case 'objectValue':
      return messageOf(value as Readonly<Record<string, unknown>>);
    default:
      throw new ForeignValueError(kind);
  }
}

function messageOf(message: Readonly<Record<string, unknown>>): unknown {
  const text = String(message['value']);
  switch (message['@type']) {
    case 'type.googleapis.com/google.protobuf.Timestamp':
      return parseTimestamp(text);
    case 'type.googleapis.com/google.protobuf.Duration':
      return parseDuration(text);
    default:
      throw new ForeignValueError(String(message['@type']));
  }
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  BOOL: 'bool',
  INT64: 'int',
  UINT64: 'uint',
  DOUBLE: 'double',
  STRING: 'string',
  BYTES: 'bytes',
};

function typeOf(type: SpecType | undefined): string {
  const [[kind, value] = ['', null]] = Object.entries(type ?? {});
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[String(value)] ?? 'dyn';
    case 'null':
      return 'null';
    case 'dyn':
      return 'dyn';
    case 'listType':
      return `list<${typeOf((value as { readonly elemType: SpecType }).elemType)}>`;
    case 'mapType': {
      const { keyType, valueType } = value as { readonly keyType: SpecType; readonly valueType: SpecType };
      return `map<${typeOf(keyType)}, ${typeOf(valueType)}>`;
    }
    case 'messageType':
    case 'wellKnown':
      return typeName(String(value));
    default:
      throw new ForeignValueError(kind);
  }
}
