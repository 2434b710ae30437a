/** Messages as AWS services make them, after the examples in their documentation: only what a test is about is named. */

const TOPIC_ARN = 'arn:aws:sns:eu-central-1:123456789012:orders';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html shows it in a queue. */
export function snsEnvelope(message: string, overrides: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC_ARN,
    Message: message,
    Timestamp: '2026-01-31T12:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'EXAMPLEw6JRN',
    SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0000.pem',
    UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
    ...overrides,
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html; `detail` is JSON text. */
export function eventBridgeEvent(detail: string, overrides: Readonly<Record<string, unknown>> = {}): string {
  const envelope = JSON.stringify({
    'version': '0',
    'id': '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'Order Paid',
    'source': 'com.example.shop',
    'account': '123456789012',
    'time': '2026-01-31T12:00:00Z',
    'region': 'eu-central-1',
    'resources': [],
    ...overrides,
  });
  return `${envelope.slice(0, -1)},"detail":${detail}}`;
}

interface S3Change {
  readonly key?: string;
  readonly eventName?: string;
  readonly object?: Readonly<Record<string, unknown>>;
  readonly record?: Readonly<Record<string, unknown>>;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html; keys are URL-encoded. */
export function s3Notification(...changes: readonly S3Change[]): string {
  return JSON.stringify({ Records: changes.map(s3Record) });
}

export function s3Record({ key = 'a.csv', eventName = 'ObjectCreated:Put', object, record }: S3Change = {}) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: '2026-01-31T12:00:00.000Z',
    eventName,
    responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: 'incoming', arn: 'arn:aws:s3:::incoming' },
      object: {
        key,
        size: 1024,
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        sequencer: '0055AED6DCD90281E5',
        ...object,
      },
    },
    ...record,
  };
}

/** MinIO adds two members beside `Records`, has no region unless one is set, and escapes slashes in keys as well. */
export function minioNotification(key: string): string {
  const eventName = 's3:ObjectCreated:Put';
  const record = { eventSource: 'minio:s3', eventVersion: '2.0', awsRegion: '' };
  const object = { contentType: 'text/csv', userMetadata: { 'content-type': 'text/csv' } };
  const Records = [s3Record({ key, eventName, object, record })];
  return JSON.stringify({ EventName: eventName, Key: `incoming/${decodeURIComponent(key)}`, Records });
}

/** https://docs.ceph.com/en/latest/radosgw/notifications/#events; keys are not encoded, and sizes may be texts. */
export function cephNotification({ object, ...change }: Omit<S3Change, 'record'> = {}): string {
  const record = { eventSource: 'ceph:s3', awsRegion: 'default', eventId: '', opaqueData: '' };
  const written = { size: '1024', versionId: '', metadata: [], tags: [], ...object };
  return s3Notification({ ...change, object: written, record });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html */
export const S3_TEST_EVENT = JSON.stringify({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-01-31T12:00:00.000Z',
  Bucket: 'incoming',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR',
});
