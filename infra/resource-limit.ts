/** Tells the user before CloudFormation does that a stack is too large, and what to do about it. */
import type { Stack } from 'aws-cdk-lib';
import { CfnResource } from 'aws-cdk-lib';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html, "Resources" */
export const MAX_RESOURCES = 500;

export function addResourceLimit(stack: Stack): void {
  stack.node.addValidation({
    validate: () => {
      const count = countResources(stack);
      if (count <= MAX_RESOURCES) return [];
      return [
        `The stack has ${count} resources, and CloudFormation takes ${MAX_RESOURCES}. Give some sources a \`group\`: ` +
          'those of one group are deployed in a nested stack of their own. Or leave the alarms out: -c alarms=false.',
      ];
    },
  });
}

/** Without those of nested stacks, which count for themselves. */
export function countResources(stack: Stack): number {
  return stack.node.findAll().filter((each) => CfnResource.isCfnResource(each) && each.stack === stack)
    .length;
}
