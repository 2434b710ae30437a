/** Names and addresses of Kafka, its network and its schema registry, as Lambda accepts them. */
import type { z } from 'zod';
import { describeValue, quote } from '../issues/describe-value.ts';
import { scalar, InvalidValue, textScalar } from '../scalars/scalar.ts';

/** ARN of a cluster; cross-account mappings, which name a VPC connection instead, are not supported. */
const CLUSTER_ARN = /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/[A-Za-z0-9-]+\/[A-Za-z0-9-]+$/;

export const clusterArn = textScalar(
  (text) =>
    CLUSTER_ARN.test(text)
      ? text
      : new InvalidValue(
          'invalid-cluster-arn',
          describeValue(text),
          'write the ARN of the MSK cluster: arn:aws:kafka:<region>:<account>:cluster/<name>/<id>',
        ),
  {
    title: 'ARN of an MSK cluster',
    pattern: '^arn:aws[a-z-]*:kafka:',
    examples: [
      'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-6f0b-4c5c-9c63-1d1f4b9f7a10-2',
    ],
  },
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html, `Topics` */
export const topic = textScalar(
  (text) =>
    /^[^.][a-zA-Z0-9\-_.]+$/.test(text) && text.length <= 249
      ? text
      : new InvalidValue(
          'invalid-topic',
          `the topic ${quote(text)}`,
          'write 2 to 249 letters, digits and . _ -, no dot first (what AWS Lambda accepts)',
        ),
  { title: 'Topic', pattern: '^[^.]([a-zA-Z0-9\\-_.]+)$', maxLength: 249, examples: ['orders'] },
);

export const bootstrapServer = textScalar(
  (text) => {
    const [, port] =
      /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text) ?? [];
    if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return text;
    return new InvalidValue(
      'invalid-bootstrap-server',
      describeValue(text),
      'write host:port of a broker, without a protocol, for example broker-1.example.com:9096',
    );
  },
  { title: 'host:port', pattern: '^[^:/]+:\\d{1,5}$', examples: ['broker-1.example.com:9096'] },
);

export const consumerGroup = textScalar(
  (text) =>
    /^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-consumer-group',
          `the consumer group ${quote(text)}`,
          'write 1 to 200 letters, digits and - / * : _ + = . @',
        ),
  { title: 'Consumer group id', maxLength: 200, examples: ['sluice-orders'] },
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html, `URI` */
export function accessValue(example: string): z.ZodType<string, string> {
  return textScalar(
    (text) =>
      /^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/.test(text)
        ? text
        : new InvalidValue(
            'invalid-kafka-auth-value',
            describeValue(text),
            'write 1 to 200 letters, digits and - / * : _ + = . @ without spaces (what AWS Lambda accepts)',
          ),
    { title: 'Text', maxLength: 200, examples: [example] },
  );
}

/** Goes into a form or a header. */
export function oauthText(example: string): z.ZodType<string, string> {
  return textScalar(
    (text) =>
      /^[\x21-\x7E](?:[\x20-\x7E]{0,498}[\x21-\x7E])?$/.test(text)
        ? text
        : new InvalidValue(
            'invalid-kafka-auth-value',
            describeValue(text),
            'write up to 500 printable ASCII characters',
          ),
    { title: 'Text', maxLength: 500, examples: [example] },
  );
}

export const subnetId = resourceId('subnet', 'a subnet');
export const securityGroupId = resourceId('sg', 'a security group');

function resourceId(prefix: string, what: string): z.ZodType<string, string> {
  return textScalar(
    (text) =>
      new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(text)
        ? text
        : new InvalidValue('invalid-vpc-id', describeValue(text), `write the id of ${what}, ${prefix}-…`),
    {
      title: `Id of ${what}`,
      pattern: `^${prefix}-[0-9a-f]{8,17}$`,
      examples: [`${prefix}-0123456789abcdef0`],
    },
  );
}

export const region = textScalar(
  (text) =>
    /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-region',
          describeValue(text),
          'write the name of an AWS region, for example eu-central-1',
        ),
  { title: 'AWS region', pattern: '^[a-z]{2}(-[a-z]+)+-\\d$', examples: ['eu-central-1'] },
);

export const registryUrl = textScalar(
  (text) => {
    const refuse = (found: string, fix: string): InvalidValue =>
      new InvalidValue('invalid-registry-url', found, fix);
    const url = URL.parse(text);
    if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
      return refuse(describeValue(text), 'write a whole URL, for example https://registry.example.com');
    }
    if (url.username !== '' || url.password !== '') {
      return refuse('a URL with a user name or a password', 'put credentials into a secret and name it');
    }
    if (url.search !== '' || url.hash !== '') {
      return refuse(describeValue(text), 'remove the query and the fragment (? or # and what follows)');
    }
    return text.replace(/\/+$/, '');
  },
  { title: 'URL', pattern: '^https?://', examples: ['https://registry.example.com'] },
);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Whole seconds, as Lambda takes them, rounded down so that no record is skipped. */
export const timeInEpochSeconds = scalar<string, number>(
  (value) => {
    const epochMs = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (epochMs > 0) return Math.floor(epochMs / 1000);
    return new InvalidValue(
      'invalid-time',
      describeValue(value),
      'write a time with its zone (RFC 3339), for example 2026-01-31T00:00:00Z',
    );
  },
  { title: 'Time', type: 'string', examples: ['2026-01-31T00:00:00Z'] },
);
