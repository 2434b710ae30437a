/** Compile sources of every type. */
import type {
  CompiledHttpSource,
  CompiledSource,
  CompiledSqsSource,
} from '../../compiled-config/compiled.ts';
import { compileDeployment } from '../deployment/compile.ts';
import { compileEventBridgeSource } from '../eventbridge/compile.ts';
import { compileKafkaSource } from '../kafka/compile.ts';
import { compileQueue } from '../queue.ts';
import { compileRespond } from '../respond.ts';
import { compileFunction } from '../source-fields.ts';
import { compileVerification } from '../verify/compile.ts';
import { compileHandshake } from '../verify/handshake.ts';
import type { HttpSourceConfiguration } from './http-model.ts';
import type { SourceConfiguration } from './model.ts';
import type { SqsSourceConfiguration } from './sqs-model.ts';

export function compileSource(name: string, source: SourceConfiguration): CompiledSource {
  switch (source.type) {
    case 'http':
      return compileHttpSource(name, source);
    case 'sqs':
      return compileSqsSource(name, source);
    case 'eventbridge':
      return compileEventBridgeSource(name, source);
    case 'kafka':
      return compileKafkaSource(name, source);
  }
}

function compileHttpSource(name: string, source: HttpSourceConfiguration): CompiledHttpSource {
  const {
    type,
    path,
    webhookOrigins,
    headers,
    maxBodyBytes,
    maxEventsPerRequest,
    format,
    unwrap,
    eventType,
  } = source;
  return {
    name,
    type,
    ...compileDeployment(source),
    path,
    verify: compileVerification(source.verify),
    webhookOrigins,
    handshake: compileHandshake(source),
    headers: [...new Set(headers)],
    maxBodyBytes,
    maxEventsPerRequest,
    respond: compileRespond(source),
    format,
    unwrap,
    eventType,
    function: compileFunction(source.function),
    queue: compileQueue(source.queue, null),
  };
}

function compileSqsSource(name: string, source: SqsSourceConfiguration): CompiledSqsSource {
  const { type, queueArn, kmsKey, filterCriteria, order = 'relaxed', format, unwrap, eventType } = source;
  return {
    name,
    type,
    ...compileDeployment(source),
    queueArn,
    ...(kmsKey !== undefined && { kmsKeyArn: kmsKey }),
    order,
    format,
    unwrap,
    eventType,
    function: compileFunction(source.function),
    queue: compileQueue(source.queue, queueArn),
    ...(filterCriteria !== undefined && { filterCriteria }),
  };
}
