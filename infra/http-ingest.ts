/** The public side of an HTTP source: a route of the endpoint, and the function that answers its requests. */
import { Duration, Validations } from 'aws-cdk-lib';
import {
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Construct } from 'constructs';
import type { CompiledVerification } from '../lib/compiled-config/compiled-verification.ts';
import type { CompiledHttpSource } from '../lib/compiled-config/compiled.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { functionDefaults, type SourceContext } from './source.ts';
import type { TriggerQueue } from './trigger-queue.ts';

/** API Gateway gives a request up after 30 s; the function has to answer before that. */
const MAX_TIMEOUT_SECONDS = 29;

export interface HttpIngestProps {
  readonly source: CompiledHttpSource;
  readonly endpoint: HttpEndpoint;
  readonly queue: TriggerQueue;
  /** Its log group takes the lines of this function as well: everything about a source is in one place. */
  readonly trigger: PipelineFunction;
  readonly context: SourceContext;
}

export class HttpIngest extends PipelineFunction {
  readonly endpointUrl: string;

  constructor(scope: Construct, id: string, props: HttpIngestProps) {
    const { source, endpoint, queue, trigger, context } = props;
    super(scope, id, {
      ...functionDefaults(context),
      logGroup: trigger.logGroup,
      handler: 'http-ingest',
      code: context.code['http-ingest'],
      source: source.name,
      description: `Sluice: accepts the events of source ${source.name}`,
      memoryMiB: source.function.memoryMiB,
      timeout: Duration.seconds(Math.min(source.function.timeoutSeconds, MAX_TIMEOUT_SECONDS)),
    });
    this.endpointUrl = endpoint.urlOf(source);
    queue.bindSend(this);
    if ('secret' in source.verify) this.bindSecretRead(source.verify.secret);
    if (source.respond.mode === 'run') context.table.bindClaimReads(this);
    if (source.handshake?.token != null) this.bindSecretRead(source.handshake.token.secret);
    const integration = new HttpLambdaIntegration('Integration', this.function);
    // In this scope, not in that of the API: a nested stack has room for its own routes. API Gateway itself answers 404
    // to other methods, so that a scanner costs no invocation.
    const route = new HttpRoute(this, 'Route', {
      httpApi: endpoint.api,
      routeKey: HttpRouteKey.with(source.path, HttpMethod.POST),
      integration,
      authorizer: authorizerFor(source.verify),
    });
    acknowledgeVerification(route, source);
    for (const method of askingMethods(source)) {
      const asking = new HttpRoute(this, `${method}Route`, {
        httpApi: endpoint.api,
        routeKey: HttpRouteKey.with(source.path, method),
        integration,
        // A sender that asks before it sends has nothing to sign with yet.
        authorizer: new HttpNoneAuthorizer(),
      });
      acknowledgeHandshake(asking, source);
    }
  }
}

/** Methods, beside POST, by which senders of the source ask whether the endpoint is its owner's. */
function askingMethods({ handshake, webhookOrigins }: CompiledHttpSource): readonly HttpMethod[] {
  return [
    ...(webhookOrigins.length > 0 ? [HttpMethod.OPTIONS] : []),
    ...(handshake?.method === 'GET' ? [HttpMethod.GET] : []),
    ...(handshake?.method === 'HEAD' ? [HttpMethod.HEAD] : []),
  ];
}

function authorizerFor(verify: CompiledVerification): IHttpRouteAuthorizer {
  return verify.scheme === 'iam' ? new HttpIamAuthorizer() : new HttpNoneAuthorizer();
}

function acknowledgeHandshake(route: HttpRoute, { name }: CompiledHttpSource): void {
  Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: `Senders of source ${name} ask by this method before they send. The function answers, and stores nothing.`,
  });
}

function acknowledgeVerification(route: HttpRoute, { name, verify }: CompiledHttpSource): void {
  if (verify.scheme === 'iam') return;
  Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      verify.scheme === 'none'
        ? `The configuration says verify: none for source ${name}: anyone who knows the URL may post.`
        : 'The function verifies each request; an authorizer of API Gateway never sees the body.',
  });
}
