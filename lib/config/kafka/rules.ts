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
    ...prefixRules(kafka, at),
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
    const { field, groups } = groupsOf(kafka);
    const taken = groups.find((group) => firstByGroup.has(group));
    for (const group of groups) if (!firstByGroup.has(group)) firstByGroup.set(group, name);
    if (taken === undefined) return [];
    return [
      {
        code: 'duplicate-consumer-group',
        at: ['sources', name, field],
        anchor: 'value',
        found: `${taken}, which source ${firstByGroup.get(taken) ?? ''} has already`,
        fix: 'write another one, or remove it',
      },
    ];
  });
}

interface Groups {
  readonly field: 'consumerGroup' | 'consumerGroupPrefix';
  readonly groups: readonly string[];
}

function groupsOf(kafka: ValidKafka | null): Groups {
  const { consumerGroup, consumerGroupPrefix, topics } = kafka ?? {};
  if (consumerGroup != null) return { field: 'consumerGroup', groups: [consumerGroup] };
  const groups =
    consumerGroupPrefix == null ? [] : (topics ?? []).map((topic) => `${consumerGroupPrefix}${topic}`);
  return { field: 'consumerGroupPrefix', groups: [...new Set(groups)] };
}

/** A group id of Lambda, of which the prefix is only a part. */
const MAX_GROUP_CHARACTERS = 200;

function prefixRules(kafka: ValidKafka, at: ProblemPath): readonly ConfigIssue[] {
  const { consumerGroup = null, consumerGroupPrefix = null } = kafka;
  if (consumerGroupPrefix === null) return [];
  const wrong = (found: string, fix: string): readonly ConfigIssue[] => [
    { code: 'invalid-consumer-group', at: [...at, 'consumerGroupPrefix'], anchor: 'value', found, fix },
  ];
  if (consumerGroup !== null) return wrong('a prefix beside consumerGroup', 'keep one of them');
  const longest = groupsOf(kafka).groups.find((group) => group.length > MAX_GROUP_CHARACTERS);
  if (longest === undefined) return [];
  return wrong(
    `a group of ${longest.length} characters with a topic`,
    `write a prefix that leaves at most ${MAX_GROUP_CHARACTERS}`,
  );
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
      fix: 'write consumerGroupPrefix instead, with which each topic has a group of its own',
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
