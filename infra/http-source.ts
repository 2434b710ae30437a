/** An HTTP source: endpoint → function → queue → function. */
import { Duration, Validations } from 'aws-cdk-lib';
import { HttpMethod, HttpNoneAuthorizer, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { CompiledVerification } from '../lib/compiled-config/compiled-verification.ts';
import type { CompiledHttpSource } from '../lib/compiled-config/compiled.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { QueueConsumer } from './queue-consumer.ts';
import type { Backlog, DeployedSource, SourceContext } from './source.ts';
import { TriggerQueue, visibilityTimeout } from './trigger-queue.ts';

/** API Gateway ends a request after 30 s; the function has to answer before that. */
const MAX_INGEST_TIMEOUT_SECONDS = 29;

export interface HttpSourceProps {
  readonly source: CompiledHttpSource;
  readonly endpoint: HttpEndpoint;
  readonly context: SourceContext;
}

export class HttpSource extends Construct implements DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;
  readonly ingest: PipelineFunction;
  readonly endpointUrl: string;

  constructor(scope: Construct, id: string, props: HttpSourceProps) {
    super(scope, id);
    const { source, endpoint, context } = props;
    this.sourceName = source.name;
    this.endpointUrl = endpoint.urlOf(source);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy: context.removalPolicy });
    const triggerQueue = new TriggerQueue(this, 'Queue', {
      source,
      deadLetters: this.deadLetters,
      removalPolicy: context.removalPolicy,
    });
    const { queue } = triggerQueue;
    this.backlog = { kind: 'queue', queue, redeliveryDelay: visibilityTimeout(source) };

    this.ingest = new PipelineFunction(this, 'Ingest', {
      handler: 'http-ingest',
      code: context.code['http-ingest'],
      installation: context.installation,
      source: source.name,
      description: `Sluice: accepts the events of source ${source.name}`,
      memoryMiB: source.function.memoryMiB,
      timeout: Duration.seconds(Math.min(source.function.timeoutSeconds, MAX_INGEST_TIMEOUT_SECONDS)),
      logRetention: context.logRetention,
      removalPolicy: context.removalPolicy,
    });
    triggerQueue.bindSend(this.ingest);
    if ('secret' in source.verify) this.ingest.bindSecretRead(source.verify.secret);
    if (source.respond.mode === 'run') context.table.bindClaimReads(this.ingest);

    const routes = endpoint.api.addRoutes({
      path: source.path,
      // With POST alone API Gateway would answer 404 to a GET; the function knows that it is a 405.
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Integration', this.ingest.function),
      authorizer: authorizerOf(source.verify),
    });
    for (const route of routes) {
      if (source.verify.scheme === 'iam') continue;
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          source.verify.scheme === 'none'
            ? `The configuration says verify: none for source ${source.name}: whoever knows the URL may post.`
            : 'The function verifies each request; an authorizer of API Gateway never sees the body.',
      });
    }

    const consumer = new QueueConsumer(this, 'Consumer', {
      source,
      queue,
      deadLetters: this.deadLetters,
      context,
    });
    this.trigger = consumer.trigger;
  }
}

function authorizerOf(verify: CompiledVerification): IHttpRouteAuthorizer {
  return verify.scheme === 'iam' ? new HttpIamAuthorizer() : new HttpNoneAuthorizer();
}
