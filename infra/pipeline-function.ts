/** A Lambda function with a log group and a role of its own, which allows what the function is bound to and nothing else. */
import type { Duration } from 'aws-cdk-lib';
import { ArnFormat, Stack, Validations, type RemovalPolicy } from 'aws-cdk-lib';
import { Metric, type MetricProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  Grant,
  PolicyStatement,
  Role,
  ServicePrincipal,
  type IGrantable,
  type IPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, Runtime, type Code, type RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type ILogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { SOURCE_VARIABLE, STACK_VARIABLE } from '../lib/compiled-config/environment.ts';
import type { CompiledLogs } from '../lib/compiled-config/compiled.ts';
import { HANDLER, type HandlerName } from './bundle.ts';

/** Namespace of the metrics that the functions write. */
export const METRICS_NAMESPACE = 'Sluice';

/** Where a function runs that has to reach a Prefect server with a private address. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  /** @default - the VPC's private subnets */
  readonly vpcSubnets?: SubnetSelection;
  /** @default - one of its own that lets everything out and nothing in */
  readonly securityGroups?: ISecurityGroup[];
}

export interface PipelineFunctionProps {
  readonly handler: HandlerName;
  readonly code: Code;
  /** The name of the installation, a dimension of every metric. */
  readonly installation: string;
  readonly logLevel: CompiledLogs['level'];
  /** By secret: the customer managed key that encrypts it. */
  readonly secretKeyArns: Readonly<Record<string, string>>;
  /** Name of the source in the configuration. */
  readonly source: string;
  readonly description: string;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  /** @default - one of its own, with that retention */
  readonly logGroup?: ILogGroup;
  /** @default - outside any VPC */
  readonly network?: FunctionNetwork;
  /** @default - Lambda stops the function when it triggers itself, about 16 times in a row */
  readonly recursiveLoop?: RecursiveLoop;
}

export class PipelineFunction extends Construct implements IGrantable {
  readonly handler: HandlerName;
  readonly function: Function;
  readonly logGroup: ILogGroup;
  readonly grantPrincipal: IPrincipal;
  readonly #dimensions: Readonly<Record<string, string>>;
  readonly #secretKeyArns: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    this.handler = props.handler;
    this.#secretKeyArns = props.secretKeyArns;
    this.#dimensions = { service: props.handler, stack: props.installation, source: props.source };
    this.logGroup =
      props.logGroup ??
      new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    // AWSLambdaBasicExecutionRole would let the function write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    if (props.network !== undefined) grantNetworkInterfaces(role);
    this.function = new Function(this, 'Function', {
      code: props.code,
      handler: HANDLER,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      description: props.description,
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      role,
      logGroup: this.logGroup,
      environment: {
        [SOURCE_VARIABLE]: props.source,
        [STACK_VARIABLE]: props.installation,
        POWERTOOLS_LOG_LEVEL: props.logLevel,
      },
      ...props.network,
      ...(props.recursiveLoop !== undefined && { recursiveLoop: props.recursiveLoop }),
    });
    this.grantPrincipal = this.function.grantPrincipal;
  }

  /** A metric that the function writes itself, with the dimensions that `composeTelemetry` gives it. */
  metric(metricName: string, options: Pick<MetricProps, 'period' | 'statistic'>): Metric {
    return new Metric({
      namespace: METRICS_NAMESPACE,
      metricName,
      dimensionsMap: { ...this.#dimensions },
      ...options,
    });
  }

  /** The same for a metric that is counted by route as well. */
  metricOfRoute(
    metricName: string,
    route: string,
    options: Pick<MetricProps, 'period' | 'statistic'>,
  ): Metric {
    return new Metric({
      namespace: METRICS_NAMESPACE,
      metricName,
      dimensionsMap: { ...this.#dimensions, route },
      ...options,
    });
  }

  /** Lets the function, and Lambda's pollers on its behalf, decrypt what one customer managed key encrypts. */
  bindDecrypt(kmsKeyArn: string): void {
    Grant.addToPrincipal({ grantee: this, actions: ['kms:Decrypt'], resourceArns: [kmsKeyArn] });
  }

  /**
   * Lets the function read one secret and no other, and decrypt it with its customer managed key, if it has one.
   *
   * @param secretId name or ARN, as in the configuration, which is where the function reads it from
   */
  bindSecretRead(secretId: string): void {
    const kmsKeyArn = this.#secretKeyArns[secretId];
    if (kmsKeyArn !== undefined) this.bindDecrypt(kmsKeyArn);
    Grant.addToPrincipal({
      grantee: this,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [...secretArnPatterns(Stack.of(this), secretId)],
    });
  }
}

/**
 * Secrets Manager ends every ARN with a hyphen and six random characters, which a name does not tell:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
 */
function secretArnPatterns(stack: Stack, secretId: string): readonly string[] {
  // A whole ARN, or one without its suffix whose name happens to end like one: `…:secret:prod-orders`.
  if (/^arn:.*-[A-Za-z0-9]{6}$/.test(secretId)) return [secretId, `${secretId}-??????`];
  if (secretId.startsWith('arn:')) return [`${secretId}-??????`];
  const arn = stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secretId}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return [arn];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function grantNetworkInterfaces(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda checks these EC2 actions against no resource; a function in a VPC cannot be made without.',
  });
}
