/** Values that are known only at synth and override those of the file, which has no variables. */
import type { ConfigIssue, ProblemPath } from './issues/config-issue.ts';
import { suggestOrList } from './issues/suggestion.ts';

export interface Overrides {
  readonly prefectApiUrl?: string;
  /** By the name of an SQS source. */
  readonly queueArns?: Readonly<Record<string, string>>;
}

export interface Overridden {
  readonly value: unknown;
  /** The paths of overridden values: problems there have no position in the file. */
  readonly paths: readonly ProblemPath[];
  readonly issues: readonly ConfigIssue[];
}

export function applyOverrides(root: unknown, overrides: Overrides): Overridden {
  const { prefectApiUrl, queueArns = {} } = overrides;
  const issues: ConfigIssue[] = [];
  const paths: ProblemPath[] = [];
  let value = root;
  const replace = (path: readonly string[], replacement: string): void => {
    value = withValueAt(value, path, replacement);
    paths.push(path);
  };
  if (prefectApiUrl !== undefined) replace(['prefect', 'apiUrl'], prefectApiUrl);
  const sources = isMap(root) && isMap(root['sources']) ? root['sources'] : {};
  const queueNames = Object.keys(sources).filter(
    (name) => isMap(sources[name]) && sources[name]['type'] === 'sqs',
  );
  for (const [name, arn] of Object.entries(queueArns)) {
    if (queueNames.includes(name)) replace(['sources', name, 'queueArn'], arn);
    else {
      const at = ['overrides', 'queueArns', name];
      const fix = suggestOrList(name, queueNames, 'SQS sources');
      issues.push({ code: 'unknown-override', at, anchor: 'value', found: `a queue for ${name}`, fix });
    }
  }
  return { value, paths, issues };
}

/** Return a copy with the value replaced. Missing maps are not created. */
function withValueAt(root: unknown, [step, ...rest]: readonly string[], replacement: string): unknown {
  if (step === undefined) return replacement;
  if (!isMap(root)) return root;
  return { ...root, [step]: withValueAt(root[step], rest, replacement) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
