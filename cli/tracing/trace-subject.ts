/** Which event a trace asks for: the claims that it would have, or a text to look for in the logs. */
import type { CompiledConfig, CompiledSource } from '../../lib/compiled-config/compiled.ts';
import { memberOf } from '../../lib/routing/member.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { clusterNameOf } from '../../lib/sources/kafka-cluster.ts';
import { rehearse, type RehearsedSample } from '../rehearsal/rehearse.ts';

export type TraceSubject =
  | { readonly kind: 'claims'; readonly claimKeys: readonly string[] }
  /** Routes of these claims know the event by its key: its id alone does not lead to their claims. */
  | {
      readonly kind: 'id';
      readonly id: string;
      readonly claimKeys: readonly string[];
      readonly routesWithKeys: readonly string[];
    }
  | { readonly kind: 'flow-run'; readonly flowRunId: string }
  | { readonly kind: 'batch'; readonly batchId: string }
  | { readonly kind: 'invalid'; readonly message: string };

/** Claims of the dedupe key `value` on a route. What is written as a number or a bool may be a text as well. */
export function subjectOfKey(config: CompiledConfig, routeName: string | null, value: string): TraceSubject {
  const keyed = config.routes.filter(({ dedupe }) => dedupe.key !== null);
  const routes = keyed.filter(({ name }) => routeName === null || name === routeName);
  if (routes.length === 0) {
    const names = keyed.map(({ name }) => name).join(', ');
    return invalid(
      names === ''
        ? 'no route has a dedupe.key; trace the event by its id'
        : `no route ${routeName ?? ''} with a dedupe.key; those that have one are ${names}`,
    );
  }
  const claimKeys = routes.flatMap(({ name }) =>
    keyTextsOf(value).map((text) => memberOf(name, ['key', text]).claimKey),
  );
  return { kind: 'claims', claimKeys };
}

function keyTextsOf(value: string): readonly string[] {
  const texts = [`s:${value}`];
  if (value === 'true' || value === 'false') texts.push(`b:${value}`);
  if (value.trim() !== '' && Number.isFinite(Number(value))) texts.push(`n:${value}`);
  return texts;
}

/** Claims of an event, as its sender sends it. */
export async function subjectOfEvent(config: CompiledConfig, sample: RehearsedSample): Promise<TraceSubject> {
  const { claimKeys, trouble, filtered } = await rehearse(config, [sample]);
  if (claimKeys.length > 0) return { kind: 'claims', claimKeys };
  const [first] = trouble;
  if (first !== undefined) {
    return invalid(`no route takes this event: ${first.rejection.code}: ${first.rejection.detail}`);
  }
  return invalid(
    filtered.length > 0
      ? 'no route matches this event, so it was filtered; sluice explain says why'
      : 'it holds no events',
  );
}

/** Claims of the event with this id, on the routes that know it by the identity that its source gives it. */
export function subjectOfId(
  config: CompiledConfig,
  id: string,
  {
    source: sourceName,
    eventSource,
  }: { readonly source: string | null; readonly eventSource: string | null },
): TraceSubject {
  const sources = Object.values(config.sources).filter(
    ({ name }) => sourceName === null || name === sourceName,
  );
  if (sources.length === 0) {
    return invalid(
      `the configuration has no source ${sourceName ?? ''}; it has ${Object.keys(config.sources).join(', ')}`,
    );
  }
  const claimKeys = sources.flatMap((source) =>
    routesFrom(config, source.name)
      .filter(({ dedupeKey }) => dedupeKey === null)
      .flatMap((route) =>
        identitiesOf(source, id, eventSource).map(
          (identity) => memberOf(route.config.name, identity).claimKey,
        ),
      ),
  );
  const names = new Set(sources.map(({ name }) => name));
  const routesWithKeys = config.routes
    .filter(({ from, dedupe }) => dedupe.key !== null && from.some((name) => names.has(name)))
    .map(({ name }) => name);
  return { kind: 'id', id, claimKeys: [...new Set(claimKeys)], routesWithKeys };
}

/** The identities that an event with this id may have (`lib/event/plain-event.ts`, `lib/event/cloudevents.ts`). */
function identitiesOf(
  source: CompiledSource,
  id: string,
  eventSource: string | null,
): readonly (readonly string[])[] {
  const asCloudEvent = eventSource === null ? [] : [['cloudevents', eventSource, id]];
  switch (source.type) {
    case 'http':
      return [...asCloudEvent, ['cloudevents', `sluice:${source.name}`, id]];
    case 'sqs':
      return [...asCloudEvent, ['sqs', source.queueArn, id]];
    case 'eventbridge':
      return asCloudEvent;
    case 'kafka': {
      const position = /^(.+)-(\d+)@(\d+)$/.exec(id);
      const [, topic = '', partition = '', offset = ''] = position ?? [];
      if (position === null || !source.topics.includes(topic)) return asCloudEvent;
      const cluster = clusterNameOf(source.cluster);
      return [...asCloudEvent, ['kafka', cluster, topic, partition, offset]];
    }
  }
}

/** `topic/partition@offset`, as people write a position, is the id `topic-partition@offset`. */
export function idOfKafkaPosition(position: string): string | null {
  const parts = /^(.+)\/(\d+)@(\d+)$/.exec(position);
  return parts === null ? null : `${parts[1] ?? ''}-${parts[2] ?? ''}@${parts[3] ?? ''}`;
}

/** A flow run's id, or the address of its page in Prefect. */
export function subjectOfRun(text: string): TraceSubject {
  const id = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?=[^\da-f]*$)/i.exec(text)?.[0];
  return id === undefined
    ? invalid(`${JSON.stringify(text)} holds no id of a flow run, which is a UUID`)
    : { kind: 'flow-run', flowRunId: id.toLowerCase() };
}

function invalid(message: string): TraceSubject {
  return { kind: 'invalid', message };
}
