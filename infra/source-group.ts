/**
 * Sources in a nested stack of their own, with their alarms and their dashboard. A stack has room for 500 resources and
 * 200 outputs, which is about 20 HTTP sources.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
import { NestedStack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DeployedSource } from './source.ts';

export interface SourceGroupProps {
  readonly groupName: string;
  /** Makes the sources of the group in the given scope. */
  readonly createSources: (scope: Construct) => readonly DeployedSource[];
}

export class SourceGroup extends NestedStack {
  readonly groupName: string;
  readonly sources: readonly DeployedSource[];

  constructor(scope: Construct, id: string, { groupName, createSources }: SourceGroupProps) {
    super(scope, id, { description: `Sluice: sources of the group ${groupName}` });
    this.groupName = groupName;
    this.sources = createSources(new Construct(this, 'Sources'));
  }
}
