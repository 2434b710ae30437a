/** Sluice as a stack of its own, with what a user needs to know of it as outputs. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import type { EndpointDomain } from './endpoint-domain.ts';
import { Sluice, type SluiceProps } from './sluice.ts';
import type { DeployedSource } from './source.ts';

export interface SluiceStackProps extends StackProps {
  readonly sluice: SluiceProps;

  /**
   * ARN of the SNS topic that alarms notify.
   *
   * @default - `sluice.alarmTopic`
   */
  readonly alarmTopicArn?: string;

  /**
   * Mail address that alarms notify, by a topic in this stack. Its owner has to confirm the subscription.
   *
   * @default - no topic is created
   */
  readonly alarmEmail?: string;

  /**
   * VPC of the functions that call Prefect, which CDK looks up; `env` has to be set then.
   *
   * @default - `sluice.vpc`
   */
  readonly vpcId?: string;
}

export class SluiceStack extends Stack {
  readonly sluice: Sluice;

  constructor(scope: Construct, id: string, props: SluiceStackProps) {
    const { sluice, alarmTopicArn, alarmEmail, vpcId, ...stackProps } = props;
    super(scope, id, { description: 'Sluice: events in, Prefect flow runs out', ...stackProps });
    // CloudFormation calls resources by their path, from which CDK leaves out the id Default: the stack has a name.
    this.sluice = new Sluice(this, 'Default', {
      ...sluice,
      ...(alarmTopicArn !== undefined && {
        alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn),
      }),
      ...(alarmEmail !== undefined && {
        alarmTopic: new AlarmTopic(this, 'AlarmMail', { email: alarmEmail }).topic,
      }),
      ...(vpcId !== undefined && { vpc: Vpc.fromLookup(this, 'Vpc', { vpcId }) }),
    });
    this.#addOutput('TableName', this.sluice.table.table.tableName, 'Claims and batch records');
    const { overflow } = this.sluice;
    if (overflow !== undefined) {
      const { bucketName } = overflow.bucket;
      this.#addOutput('OverflowBucketName', bucketName, 'Parameters that are too large for Prefect');
    }
    for (const source of Object.values(this.sluice.sources)) this.#addSourceOutputs(source);
    for (const domain of this.sluice.endpoint?.domains ?? []) this.#addDomainOutput(domain);
  }

  /** A stack has at most 200 outputs, so those about queues are outputs of the group, if the source is in one. */
  #addSourceOutputs(source: DeployedSource): void {
    const { sourceName, backlog, deadLetters, endpointUrl } = source;
    const prefix = outputPrefix(sourceName);
    const scope = this.sluice.groups.find(({ sources }) => sources.includes(source)) ?? this;
    if (endpointUrl !== undefined) {
      this.#addOutput(`${prefix}Endpoint`, endpointUrl, `POST events of ${sourceName} here`);
    }
    if (backlog.kind === 'queue') {
      const { queueUrl } = backlog.queue;
      this.#addOutput(`${prefix}QueueUrl`, queueUrl, `Events of ${sourceName} wait here`, scope);
    }
    this.#addOutput(
      `${prefix}DeadLettersUrl`,
      deadLetters.queue.queueUrl,
      `Events of ${sourceName} that cannot become flow runs`,
      scope,
    );
  }

  #addDomainOutput({ name, domainName }: EndpointDomain): void {
    const { regionalDomainName } = domainName;
    this.#addOutput(`${outputPrefix(name)}Target`, regionalDomainName, `Point ${name} here: CNAME, or alias`);
  }

  #addOutput(id: string, value: string, description: string, scope: Construct = this): void {
    new CfnOutput(scope, id, { value, description });
  }
}

/** CloudFormation allows letters and digits in an output's name: `orders-hook` becomes `OrdersHook`. */
function outputPrefix(sourceName: string): string {
  return sourceName
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
