/**
 * The parts of a configuration that are valid, whatever is wrong elsewhere: a mistake in one part must not hide what is
 * wrong between the others.
 */

/**
 * Like `Model`, with null where something is broken or missing; that is reported already. Undefined still means that
 * an optional field is absent. A list with a broken element is broken as a whole, and so is a map whose kind is.
 */
export type Valid<Model> = Model extends readonly unknown[] | string | number | boolean | undefined
  ? Model
  : {
      readonly [Field in keyof Model]: Field extends Discriminator
        ? Model[Field]
        : Valid<Model[Field]> | null;
    };

type Discriminator = 'type' | 'mode' | 'scheme';

/** As much of an issue of Zod as says which part is broken. */
export interface BrokenPart {
  readonly code?: string | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
  /** What each branch of a union says; a union without a branch for the value says nothing. */
  readonly errors?: readonly unknown[] | undefined;
}

/** Replace each broken part of a parsed value with null. */
export function withoutBrokenParts(parsed: unknown, issues: readonly BrokenPart[]): unknown {
  return issues.reduce<unknown>((value, issue) => {
    // The map that has an unknown field is as valid as without it.
    if (issue.code === 'unrecognized_keys') return value;
    return withNullAt(value, brokenPath(issue));
  }, parsed);
}

/** Without a known kind, which is where the issue is, nothing of the map was parsed. */
function brokenPath({ code, path = [], errors }: BrokenPart): readonly PropertyKey[] {
  return code === 'invalid_union' && errors?.length === 0 ? path.slice(0, -1) : path;
}

function withNullAt(value: unknown, [step, ...rest]: readonly PropertyKey[]): unknown {
  if (step === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const inner: unknown = Reflect.get(value, step);
  return { ...value, [step]: withNullAt(inner, rest) };
}

export interface Named<Part> {
  readonly name: string;
  /** Null when it is broken. */
  readonly part: Part | null;
}

export function namedParts<Part>(
  parts: Readonly<Record<string, Part | null>> | null,
): readonly Named<Part>[] {
  return Object.entries(parts ?? {}).map(([name, part]) => ({ name, part }));
}
