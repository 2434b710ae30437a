/** The CDK app: a configuration in, one stack out. docs/deploy.md lists the context options, `-c name=value`. */
import { App, Validations, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfigFile } from '../cli/config-file.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { allProblems } from '../lib/config/check-configuration.ts';
import type { Problem } from '../lib/config/issues/problem.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import { readAppContext, type AppContext } from './app-context.ts';
import { annotateWarnings } from './config-warnings.ts';
import {
  EMULATOR_ONLY,
  foreignResources,
  readDeploymentTarget,
  type DeploymentTarget,
} from './deployment-target.ts';
import { SluiceStack } from './sluice-stack.ts';

const app = new App();
const read = readAppContext(app.node);
if (!read.ok) refuse(read.problems.join('\n'));
const { context } = read;
const { config, warnings } = readConfig(context);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const stack = new SluiceStack(app, context.stackName, {
  ...(context.alarmTopicArn !== undefined && { alarmTopicArn: context.alarmTopicArn }),
  ...(context.alarmEmail !== undefined && { alarmEmail: context.alarmEmail }),
  // Only the look-up of a VPC has to know the account; without one, the template is the same for all accounts.
  ...(context.vpcId !== undefined && { vpcId: context.vpcId, env: environmentOfCaller() }),
  sluice: {
    config,
    removalPolicy: context.removalPolicy,
    ...(context.deletionProtection !== undefined && { deletionProtection: context.deletionProtection }),
    logRetention: context.logRetentionDays,
    alarms: context.alarms,
    dashboard: context.dashboard,
  },
});
annotateWarnings(stack, warnings);

interface CheckedConfig {
  readonly config: CompiledConfig;
  readonly warnings: readonly Problem[];
}

function readConfig({ config: fileName, prefectApiUrl, queueArns }: AppContext): CheckedConfig {
  const file = readConfigFile(fileName);
  if (!file.ok) return refuse(`${file.message} — name the configuration with -c config=<file>`);
  const loaded = loadConfigText(file.text, fileName, {
    ...(prefectApiUrl !== undefined && { prefectApiUrl }),
    ...(queueArns !== undefined && { queueArns }),
  });
  if (!loaded.ok) return refuse(reportProblems(allProblems(loaded)));
  const target = readDeploymentTarget(process.env);
  if (target !== null) refuseWhatCannotWork(loaded, target);
  return loaded;
}

function refuseWhatCannotWork({ config, warnings }: CheckedConfig, target: DeploymentTarget): void {
  const emulatorOnly = warnings.filter(({ code }) => EMULATOR_ONLY.includes(code));
  const lines = [
    ...emulatorOnly.map(({ path, found, fix }) => `${path}: found ${found} — ${fix}`),
    ...foreignResources(config, target),
  ];
  if (lines.length === 0) return;
  refuse(`This configuration cannot work in account ${target.account}:\n${lines.join('\n')}`);
}

/** What the CDK command line found out from the credentials. */
function environmentOfCaller(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
}

/** Report a mistake of the user: without a stack trace, and nothing is synthesized. */
function refuse(report: string): never {
  console.error(report);
  process.exit(1);
}
