/** Describes an error of an AWS client, with a hint for missing settings. */

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Region is missing/, 'set AWS_REGION, or a region in the profile of AWS_PROFILE'],
  [/Could not load credentials/, 'log in, or set AWS_PROFILE'],
];

export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, hint] = HINTS.find(([pattern]) => pattern.test(error.message)) ?? [];
  return `${error.name}: ${error.message}${hint === undefined ? '' : ` (${hint})`}`;
}
