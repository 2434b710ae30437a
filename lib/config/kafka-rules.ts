/**
 * What a Kafka source must not say: combinations that Lambda, MSK or the promise of Sluice do not allow
 * (docs.aws.amazon.com/lambda/latest/dg/with-kafka.html and the pages below it).
 */
import { kafkaClusterRules } from './kafka-cluster-rules.ts';
import type { ConfigIssue, ProblemPath } from './problem.ts';
import type { SoundKafka } from './sound-kafka.ts';
import type { SoundSource } from './sound-parts.ts';

/** Lambda's poller waits no longer for a function that reads a topic. */
const MAX_TIMEOUT_SECONDS = 840;

const FORMATS_WITH_SCHEMA: readonly string[] = ['avro', 'protobuf', 'json-schema'];
const LISTS: readonly ProblemPath[] = [
  ['topics'],
  ['bootstrapServers'],
  ['vpc', 'subnets'],
  ['vpc', 'securityGroups'],
];

export function kafkaRules({ name, kafka, timeoutSeconds }: SoundSource): readonly ConfigIssue[] {
  if (kafka === null) return [];
  const at = ['sources', name];
  return [
    ...kafkaClusterRules(kafka, at),
    ...emptyLists(kafka, at),
    ...topicRules(kafka, at),
    ...timeoutRule(timeoutSeconds, at),
    ...pollerRule(kafka, at),
    ...registryRule(kafka, at),
    ...latestRule(kafka, at),
  ];
}

/** Lambda wants each group to itself: two mappings in one would take the partitions from each other. */
export function consumerGroupRules(sources: readonly SoundSource[]): readonly ConfigIssue[] {
  const firstByGroup = new Map<string, string>();
  return sources.flatMap(({ name, kafka }): ConfigIssue[] => {
    const group = kafka?.consumerGroup;
    if (group === null || group === undefined) return [];
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
        fix: 'write another one, or leave it out',
      },
    ];
  });
}

function emptyLists({ lengthOf }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  return LISTS.filter((path) => lengthOf(...path.map(String)) === 0).map((path) => ({
    code: 'empty',
    at: [...at, ...path],
    anchor: 'value',
    found: 'an empty list',
    fix: 'name at least one',
  }));
}

function topicRules({ topics, consumerGroup }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (topics === null) return [];
  const repeated = topics.flatMap((topic, index): ConfigIssue[] => {
    if (topics.indexOf(topic) === index) return [];
    const found = `the topic ${topic} a second time`;
    return [
      { code: 'repeated-topic', at: [...at, 'topics', index], anchor: 'value', found, fix: 'remove it' },
    ];
  });
  if (topics.length < 2 || consumerGroup === undefined || consumerGroup === null) return repeated;
  return [
    ...repeated,
    {
      code: 'consumer-group-per-topic',
      at: [...at, 'consumerGroup'],
      anchor: 'value',
      found: `one group for ${topics.length} topics, which are ${topics.length} event source mappings`,
      fix: 'leave it out, or make a source with a group of its own for each topic',
    },
  ];
}

function timeoutRule(timeoutSeconds: number | null, at: ProblemPath): readonly ConfigIssue[] {
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

function pollerRule({ provisioned }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (provisioned === null || provisioned === undefined) return [];
  const { minPollers, maxPollers } = provisioned;
  if (minPollers <= maxPollers) return [];
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

function registryRule({ format, has }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (format === null || !FORMATS_WITH_SCHEMA.includes(format) || has('schemaRegistry')) return [];
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

function latestRule({ startingPosition }: SoundKafka, at: ProblemPath): readonly ConfigIssue[] {
  if (startingPosition !== 'LATEST') return [];
  return [
    {
      code: 'latest-misses-events',
      at: [...at, 'startingPosition'],
      anchor: 'value',
      found: 'LATEST, with which records are lost that are written while Lambda makes the mapping',
      fix: 'write { at: <a time just before the deployment> }, or TRIM_HORIZON for all that the topic holds',
    },
  ];
}
