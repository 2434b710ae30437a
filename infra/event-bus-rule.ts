/** The rule that puts a bus's matching events into a source's queue, and the permission to do so. */
import { ArnFormat, Names, Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** The most that EventBridge does: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const RETRY_POLICY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

const MAX_RULE_NAME_CHARACTERS = 64;
const DEFAULT_BUS = 'default';

export interface EventBusRuleProps {
  readonly description: string;
  readonly busName: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly queue: Queue;
  /** For events that EventBridge cannot put into the queue. */
  readonly deadLetterQueue: Queue;
}

export class EventBusRule extends Construct {
  constructor(scope: Construct, id: string, props: EventBusRuleProps) {
    super(scope, id);
    const { description, busName, pattern, queue, deadLetterQueue } = props;
    const name = Names.uniqueResourceName(this, { maxLength: MAX_RULE_NAME_CHARACTERS, separator: '-' });
    // Its ARN is made of its name, so that the permission can be there before the rule is: EventBridge does not try
    // again where it may not send.
    const arn = Stack.of(this).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: busName === DEFAULT_BUS ? name : `${busName}/${name}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const rule = new CfnRule(this, 'Rule', {
      name,
      description,
      eventBusName: busName,
      eventPattern: pattern,
      targets: [
        {
          id: 'Queue',
          arn: queue.queueArn,
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
          retryPolicy: RETRY_POLICY,
        },
      ],
    });
    for (const destination of [queue, deadLetterQueue]) {
      const { policyDependable } = destination.addToResourcePolicy(sendingBy(arn, destination));
      if (policyDependable !== undefined) rule.node.addDependency(policyDependable);
    }
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions */
function sendingBy(ruleArn: string, queue: Queue): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  });
}
