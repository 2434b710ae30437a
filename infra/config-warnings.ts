/** Warnings about a configuration as annotations, which the CDK command line prints and `--strict` turns into errors. */
import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Problem } from '../lib/config/issues/problem.ts';
import { reportProblem } from '../lib/config/issues/problem-report.ts';

/** Each can be acknowledged: `Annotations.of(scope).acknowledgeWarning('sluice:<code>')`. */
export function annotateWarnings(scope: IConstruct, warnings: readonly Problem[]): void {
  for (const warning of warnings) {
    Annotations.of(scope).addWarningV2(`sluice:${warning.code}`, reportProblem(warning));
  }
}
