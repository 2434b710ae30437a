/** What may be said on the command line, `cdk deploy -c name=value`, or under `context` in cdk.json. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';

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

const AppContext = z.object({
  /** The configuration, relative to where `cdk` runs. */
  config: z.string().min(1).default('sluice.yaml'),
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'expected a letter and up to 127 letters, digits and hyphens')
    .default('Sluice'),
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
  dashboard: flag.default(true),
  vpcId: z
    .string()
    .regex(/^vpc-[0-9a-f]+$/, 'expected the id of a VPC, vpc-…')
    .optional(),
});

export type AppContext = z.output<typeof AppContext>;

export type AppContextAnswer =
  | { readonly ok: true; readonly context: AppContext }
  /** One line each: which value, what is wrong with it, what was found. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function readAppContext(node: Node): AppContextAnswer {
  const names = Object.keys(AppContext.shape);
  const parsed = AppContext.safeParse(
    Object.fromEntries(names.map((name): [string, unknown] => [name, node.tryGetContext(name)])),
  );
  if (parsed.success) return { ok: true, context: parsed.data };
  return {
    ok: false,
    problems: parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return `context ${name}: ${issue.message}, found ${JSON.stringify(node.tryGetContext(name))}`;
    }),
  };
}
