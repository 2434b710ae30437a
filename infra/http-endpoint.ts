/** The HTTP API that all HTTP sources share: one route each; API Gateway answers 404 to every other path. */
import { Fn, Names, Stack, type RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { CompiledEndpoint, CompiledHttpSource } from '../lib/compiled-config/compiled.ts';
import { EndpointDomain } from './endpoint-domain.ts';

export interface HttpEndpointProps {
  /** Names the API in the console. */
  readonly installation: string;
  readonly endpoint: CompiledEndpoint;
  readonly throttle: ThrottleSettings;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Who asked for what, when, and what the answer was. No headers and no body: they hold tokens and event data.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG_LINE = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  processedBytes: '$context.dataProcessed',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
};

export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly domains: readonly EndpointDomain[];

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    const { domains, disableExecuteApiEndpoint } = props.endpoint;
    this.api = new HttpApi(this, 'Api', {
      apiName: props.installation,
      description: 'Sluice: events in, Prefect flow runs out',
      createDefaultStage: false,
      disableExecuteApiEndpoint,
    });
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: vendedLogGroupName(this),
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_LINE)),
      },
    });
    const scopeOfDomains = new Construct(this, 'Domains');
    this.domains = domains.map(
      (domain) => new EndpointDomain(scopeOfDomains, domain.name, { domain, api: this.api, stage }),
    );
  }

  /** Of several ways in, the one for this sender: a domain that asks for certificates is for those who have one. */
  urlOf({ path, verify }: CompiledHttpSource): string {
    const hasCertificate = verify.scheme === 'mtls';
    const fitting = this.domains.find(({ asksForCertificates }) => asksForCertificates === hasCertificate);
    const domain = this.api.disableExecuteApiEndpoint === true ? (fitting ?? this.domains[0]) : fitting;
    return domain === undefined ? `${this.api.apiEndpoint}${path}` : `https://${domain.name}${path}`;
  }
}

/**
 * API Gateway adds each log group outside this prefix to one resource policy of the account, which may have 5,120
 * characters: in an account with many APIs the next stage fails to deploy. A part of the stack's id is in the name, so
 * that a group which was retained does not stand in the way of the next deployment.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html,
 * "Log group resource policy size limit considerations"
 */
function vendedLogGroupName(scope: Construct): string {
  const stack = Stack.of(scope);
  const uuid = Fn.select(2, Fn.split('/', stack.stackId));
  return Fn.join('', [
    '/aws/vendedlogs/sluice/',
    Names.uniqueResourceName(scope, { maxLength: 64 }),
    '-',
    uuid,
  ]);
}
