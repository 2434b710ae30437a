/** `npm run explore [name]`: settings that take minutes; it ends with an error if one of them breaks a promise. */
import { LARGE_CLAIM_SETTINGS } from './claim-settings.ts';
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import type { Setting } from './setting.ts';
import { LARGE_WINDOW_SETTINGS } from './window-settings.ts';

const wanted = process.argv[2] ?? '';
const settings: readonly (readonly [string, Setting])[] = [
  ...Object.entries(LARGE_CLAIM_SETTINGS).map(([name, setting]) => [`claims: ${name}`, setting] as const),
  ...Object.entries(LARGE_WINDOW_SETTINGS).map(([name, setting]) => [`windows: ${name}`, setting] as const),
];
for (const [name, setting] of settings.filter(([each]) => each.includes(wanted))) {
  const { states, violation } = explore(DECISION_CODE, setting);
  console.log(`${name}: ${states.toLocaleString('en-US')} states`);
  if (violation === null) continue;
  console.error(`${violation.promise}\n  ${violation.trace.join('\n  ')}`);
  process.exitCode = 1;
}
