/** The function that makes flow runs of a source's events, with what the pipeline needs wherever they come from. */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isWindowing } from '../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledSource } from '../lib/compiled-config/compiled.ts';
import type { HandlerName } from './bundle.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { overflowingRoutes } from './overflow-bucket.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { functionDefaults, type SourceContext } from './source.ts';

export interface TriggerFunctionProps {
  readonly handler: HandlerName;
  readonly source: CompiledSource;
  readonly deadLetters: DeadLetterQueue;
  readonly context: SourceContext;
}

export class TriggerFunction extends PipelineFunction {
  constructor(scope: Construct, id: string, props: TriggerFunctionProps) {
    const { handler, source, deadLetters, context } = props;
    super(scope, id, {
      handler,
      code: context.code[handler],
      ...functionDefaults(context),
      source: source.name,
      description: `Sluice: makes flow runs of the events of source ${source.name}`,
      memoryMiB: source.function.memoryMiB,
      timeout: Duration.seconds(source.function.timeoutSeconds),
      ...(context.network && { network: context.network }),
    });
    context.table.bindClaims(this);
    const routes = context.config.routes.filter(({ from }) => from.includes(source.name));
    if (context.timers !== undefined && routes.some(({ coalesce }) => isWindowing(coalesce))) {
      context.table.bindWindowAppends(this);
      context.timers.bindSend(this);
    }
    const overflowing = overflowingRoutes(routes);
    if (overflowing.length > 0) context.overflow?.bindPut(this, overflowing);
    deadLetters.bindSend(this);
    const { authSecret } = context.config.prefect;
    if (authSecret !== null) this.bindSecretRead(authSecret);
  }
}
