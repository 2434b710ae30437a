/** How a command ends. */

export const EXIT_CODE = { success: 0, problems: 1, unusable: 2 } as const;

export interface CommandResult {
  readonly exitCode: (typeof EXIT_CODE)[keyof typeof EXIT_CODE];
  readonly output: string;
  readonly errorOutput: string;
}

/** Invalid usage, or something that cannot be read or reached: say why, and print nothing else. */
export function unusable(errorOutput: string): CommandResult {
  return { exitCode: EXIT_CODE.unusable, output: '', errorOutput };
}
