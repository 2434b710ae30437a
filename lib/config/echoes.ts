/** Issues that only repeat another one. */
import type { ConfigIssue } from './issues/config-issue.ts';
import { pathText } from './issues/config-issue.ts';

/** Leave out a missing field for which a misspelt one stands beside it: the fix of that one names it. */
export function withoutEchoes(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const suggested = new Set(
    issues.flatMap(({ code, at, fix }) => {
      const [, meant] = code === 'unknown-field' ? (/^did you mean (\S+)\?$/.exec(fix) ?? []) : [];
      return meant === undefined ? [] : [pathText([...at.slice(0, -1), meant])];
    }),
  );
  return issues.filter(({ code, at }) => {
    const isMissing = code === 'missing-field' || code === 'verify-missing';
    return !(isMissing && suggested.has(pathText(at)));
  });
}
