/** Context options of the app: `cdk deploy -c name=value`, or under `context` in cdk.json. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { suggestOrList } from '../lib/config/issues/suggestion.ts';

// The command line gives text, cdk.json may give booleans and numbers.
const flag = z.union([z.boolean(), z.stringbool()], 'expected true or false');

const REMOVAL_POLICY = {
  retain: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  destroy: RemovalPolicy.DESTROY,
} as const;

const retentionDays: readonly unknown[] = Object.values(RetentionDays);

/** `jobs=arn:…,mail=arn:…` on the command line, a map in cdk.json. */
const queueArns = z.union(
  [
    z.record(z.string(), z.string()),
    z
      .string()
      .regex(/^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/)
      .transform((text) =>
        Object.fromEntries(
          text.split(',').map((pair): [string, string] => {
            const [source = '', arn = ''] = pair.split('=');
            return [source, arn];
          }),
        ),
      ),
  ],
  'expected source=arn, with commas between several',
);

const DEFAULT_CONFIG = 'sluice.yaml';
const DEFAULT_STACK_NAME = 'Sluice';

/** What the CDK command line itself writes into cdk.json and cdk.context.json under a plain name. */
const CDK_NAMES = ['acknowledged-issue-numbers', 'cli-telemetry'];

const AppContext = z.object({
  /** The configuration, relative to where `cdk` runs. */
  config: z.string().min(1).default(DEFAULT_CONFIG),
  /** Mandatory with another configuration than the default one. */
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'expected a letter and up to 127 letters, digits and hyphens')
    .optional(),
  // Both are checked with the configuration, whose values they replace.
  prefectApiUrl: z.string().optional(),
  queueArns: queueArns.optional(),
  removalPolicy: z
    .enum(['retain', 'destroy'], 'expected retain or destroy')
    .default('retain')
    .transform((word) => REMOVAL_POLICY[word]),
  deletionProtection: flag.optional(),
  logRetentionDays: z.coerce
    .number()
    .refine(
      (days): days is RetentionDays => retentionDays.includes(days),
      `expected a retention that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 180, 365, …`,
    )
    .default(RetentionDays.ONE_MONTH),
  alarms: flag.default(true),
  alarmTopicArn: z
    .string()
    .regex(/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/, 'expected the ARN of an SNS topic')
    .optional(),
  alarmEmail: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'expected a mail address')
    .optional(),
  dashboard: flag.default(true),
  vpcId: z
    .string()
    .regex(/^vpc-[0-9a-f]+$/, 'expected the id of a VPC, vpc-…')
    .optional(),
});

export type AppContext = Omit<z.output<typeof AppContext>, 'stackName'> & { readonly stackName: string };

export type AppContextResult =
  | { readonly ok: true; readonly context: AppContext }
  /** One line each: which option, what is wrong with it, what was found. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function readAppContext(node: Node): AppContextResult {
  const names = Object.keys(AppContext.shape);
  const unknown = unknownNames(node, names);
  const parsed = AppContext.safeParse(
    Object.fromEntries(names.map((name): [string, unknown] => [name, node.tryGetContext(name)])),
  );
  if (!parsed.success) {
    const invalid = parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return `context ${name}: ${issue.message}, found ${JSON.stringify(node.tryGetContext(name))}`;
    });
    return { ok: false, problems: [...unknown, ...invalid] };
  }
  const { config, stackName } = parsed.data;
  const unnamed = stackName === undefined && config !== DEFAULT_CONFIG ? [unnamedStack(config)] : [];
  const { alarmTopicArn, alarmEmail } = parsed.data;
  const twoTopics = alarmTopicArn !== undefined && alarmEmail !== undefined ? [TWO_TOPICS] : [];
  const problems = [...unknown, ...unnamed, ...twoTopics];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, context: { ...parsed.data, stackName: stackName ?? DEFAULT_STACK_NAME } };
}

const TWO_TOPICS =
  'context alarmEmail: beside alarmTopicArn — name one of them; subscribe the address to your topic if it is for both';

/** Another configuration under the default name would replace every source of what is deployed as that. */
function unnamedStack(config: string): string {
  return (
    `context stackName: missing beside config=${config} — name the stack with -c stackName=<name>; as ` +
    `${DEFAULT_STACK_NAME} it would replace the sources of the stack of that name`
  );
}

/** A misspelt option would have no effect, and nothing would say so. CDK's own names have a colon, a slash or an @. */
function unknownNames(node: Node, names: readonly string[]): readonly string[] {
  const all = Object.keys(node.getAllContext() as Readonly<Record<string, unknown>>);
  return all
    .filter((name) => !/[:@/]/.test(name) && !names.includes(name) && !CDK_NAMES.includes(name))
    .map((name) => `context ${name}: unknown — ${suggestOrList(name, names, 'options')}`);
}
