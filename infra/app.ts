/** The CDK app: `sluice.yaml` in, one stack out. docs/deploy.md lists what it may be told with `-c name=value`. */
import { readFileSync } from 'node:fs';
import { App, Validations, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { readAppContext, type AppContext } from './app-context.ts';
import { SluiceStack } from './sluice-stack.ts';

const app = new App();
const answer = readAppContext(app.node);
if (!answer.ok) refuse(answer.problems.join('\n'));
const { context } = answer;
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new SluiceStack(app, context.stackName, {
  ...(context.alarmTopicArn !== undefined && { alarmTopicArn: context.alarmTopicArn }),
  // Only the look-up of a VPC has to know the account; without one, the template is the same for all accounts.
  ...(context.vpcId !== undefined && { vpcId: context.vpcId, env: environmentOfCaller() }),
  sluice: {
    config: readConfig(context),
    removalPolicy: context.removalPolicy,
    ...(context.deletionProtection !== undefined && { deletionProtection: context.deletionProtection }),
    logRetention: context.logRetentionDays,
    alarms: context.alarms,
    dashboard: context.dashboard,
  },
});

function readConfig({ config: fileName, prefectApiUrl, queueArns }: AppContext): CompiledConfig {
  const loaded = loadConfigText(readText(fileName), fileName, {
    ...(prefectApiUrl !== undefined && { prefectApiUrl }),
    ...(queueArns !== undefined && { queueArns }),
  });
  if (!loaded.ok) refuse(reportProblems(allProblems(loaded)));
  if (loaded.warnings.length > 0) console.error(reportProblems(loaded.warnings));
  return loaded.config;
}

function readText(fileName: string): string {
  try {
    return readFileSync(fileName, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(`${fileName}: cannot be read (${reason}) — name the configuration with -c config=<file>`);
  }
}

/** Set by the CDK command line from the credentials that it was given. */
function environmentOfCaller(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
}

/** The user's mistake, not the program's: no stack trace, and nothing is synthesised. */
function refuse(report: string): never {
  console.error(report);
  process.exit(1);
}
