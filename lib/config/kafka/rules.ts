/**
 * Cross-field rules for Kafka sources: combinations that Lambda, MSK or the guarantee of Sluice do not allow
 * (docs.aws.amazon.com/lambda/latest/dg/with-kafka.html and the pages below it).
 */
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { clusterRules } from './cluster-rules.ts';
import type { KafkaSourceConfiguration } from './model.ts';

type ValidKafka = Valid<KafkaSourceConfiguration>;

/** The time that Lambda's poller waits for a function that reads a topic. */
const MAX_TIMEOUT_SECONDS = 840;

const FORMATS_WITH_SCHEMA: readonly string[] = ['avro', 'protobuf', 'json-schema'];

export function kafkaRules({ name, part: kafka }: Named<ValidKafka>): readonly ConfigIssue[] {
  if (kafka === null) return [];
  const at = ['sources', name];
  return [
    ...clusterRules(kafka, at),
    ...topicRules(kafka, at),
    ...timeoutRule(kafka, at),
    ...pollerRule(kafka, at),
    ...registryRule(kafka, at),
    ...latestRule(kafka, at),
  ];
}

/** Two mappings in one consumer group would take partitions from each other. */
export function consumerGroupRules(sources: readonly Named<ValidKafka>[]): readonly ConfigIssue[] {
  const firstByGroup = new Map<string, string>();
  return sources.flatMap(({ name, part: kafka }): ConfigIssue[] => {
    const group = kafka?.consumerGroup ?? null;
    if (group === null) return [];
    const first = firstByGroup.get(group);
    if (first === undefined) {
      firstByGroup.set(group, name);
      return [];
    }
    return [
      {
        code: 'duplicate-consumer-group',
        at: ['sources', name, 'consumerGroup'],
        anchor: 'value',
        found: `${group}, which source ${first} has already`,
        fix: 'write another one, or remove it',
      },
    ];
  });
}

function topicRules({ topics, consumerGroup }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (topics === null) return [];
  const repeated = topics.flatMap((topic, index): ConfigIssue[] => {
    if (topics.indexOf(topic) === index) return [];
    const found = `the topic ${topic} a second time`;
    return [
      { code: 'repeated-topic', at: [...at, 'topics', index], anchor: 'value', found, fix: 'remove it' },
    ];
  });
  if (topics.length < 2 || (consumerGroup ?? null) === null) return repeated;
  return [
    ...repeated,
    {
      code: 'consumer-group-per-topic',
      at: [...at, 'consumerGroup'],
      anchor: 'value',
      found: `one group for ${topics.length} topics, which are ${topics.length} event source mappings`,
      fix: 'remove it, or create a source with a group of its own for each topic',
    },
  ];
}

function timeoutRule({ function: settings }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const timeoutSeconds = settings?.timeout ?? null;
  if (timeoutSeconds === null || timeoutSeconds <= MAX_TIMEOUT_SECONDS) return [];
  return [
    {
      code: 'kafka-timeout-too-long',
      at: [...at, 'function', 'timeout'],
      anchor: 'value',
      found: `${timeoutSeconds}s for a Kafka source`,
      fix: 'write 14m or less',
    },
  ];
}

function pollerRule({ provisioned }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const { minPollers = null, maxPollers = null } = provisioned ?? {};
  if (minPollers === null || maxPollers === null || minPollers <= maxPollers) return [];
  return [
    {
      code: 'poller-range',
      at: [...at, 'provisioned'],
      anchor: 'value',
      found: `at least ${minPollers} and at most ${maxPollers} pollers`,
      fix: `write a maxPollers of ${minPollers} or more`,
    },
  ];
}

function registryRule({ format, schemaRegistry }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (format === null || !FORMATS_WITH_SCHEMA.includes(format) || schemaRegistry !== undefined) return [];
  return [
    {
      code: 'format-needs-registry',
      at: [...at, 'format'],
      anchor: 'value',
      found: `${format} and no schemaRegistry`,
      fix: 'add schemaRegistry: { type: confluent, url: … } or { type: glue, region: … }',
    },
  ];
}

function latestRule({ startingPosition }: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (startingPosition !== 'LATEST') return [];
  return [
    {
      code: 'latest-misses-events',
      at: [...at, 'startingPosition'],
      anchor: 'value',
      found: 'LATEST, which skips records produced while the mapping is being created',
      fix: 'write { at: <a time just before the deployment> }, or TRIM_HORIZON for every record in the topic',
    },
  ];
}
