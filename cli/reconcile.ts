/** `sluice reconcile`: compares the table of a deployed stack with Prefect. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { readDeployedFunctions } from '../lib/adapters/aws/stack-discovery.ts';
import { LambdaInvoker } from '../lib/adapters/aws/lambda-invoker.ts';
import type { ReconcileReport } from '../lib/reconcile/findings.ts';
import { runReconciliation } from '../lib/reconcile/reconcile-session.ts';
import { countOpenFindings, isCompleteReport, reconcileReport } from './reconcile-report.ts';
import { errorText } from './error-text.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export interface ReconcileOptions {
  readonly stack: string;
  readonly windows: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** The name that the construct gives to the function that reconciles. */
const RECONCILER = 'sluice:reconcile';
/** An invocation takes as long as the function may run, so that repeating it after a time-out would not help. */
const INVOCATION_LIMITS = { maxAttempts: 1, requestTimeoutMs: 305_000 };

export async function reconcile(options: ReconcileOptions): Promise<CommandResult> {
  try {
    return toCommandResult(await reconcileDeployed(options), options);
  } catch (error) {
    const errorOutput = `Cannot reconcile stack ${options.stack}: ${errorText(error)}`;
    return unusable(errorOutput);
  }
}

async function reconcileDeployed({ stack, windows, dryRun }: ReconcileOptions): Promise<ReconcileReport> {
  const lambda = new LambdaClient(awsClientSettings(INVOCATION_LIMITS));
  const cloudFormation = new CloudFormationClient(awsClientSettings());
  const deployed = await readDeployedFunctions(stack, { cloudFormation, lambda });
  const reconciler = deployed.find(({ source }) => source === RECONCILER);
  if (reconciler === undefined) throw new NothingDeployedError(stack);
  return runReconciliation(new LambdaInvoker(lambda, reconciler.functionName), {
    scope: windows ? 'windows' : 'everything',
    dryRun,
    onProgress: (parts) => {
      process.stderr.write(`scanned ${parts} table segments\n`);
    },
  });
}

function toCommandResult(report: ReconcileReport, { stack, json }: ReconcileOptions): CommandResult {
  return {
    exitCode:
      isCompleteReport(report) && countOpenFindings(report) === 0 ? EXIT_CODE.success : EXIT_CODE.problems,
    output: json ? JSON.stringify(report, null, 2) : reconcileReport(report, stack),
    errorOutput: '',
  };
}

class NothingDeployedError extends Error {
  override readonly name = 'NothingDeployedError';

  constructor(stack: string) {
    super(
      `stack ${stack} has no function that reconciles; name another stack with --stack (a nested one by its ARN), ` +
        'or redeploy it',
    );
  }
}
