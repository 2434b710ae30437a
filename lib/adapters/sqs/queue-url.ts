/**
 * The URL of a queue by its ARN, as SQS builds it. A client that sends its requests elsewhere, to an emulator or
 * an interface endpoint, uses account and name alone (`useQueueUrlAsEndpoint: false`).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
 */
export function queueUrlOf(queueArn: string): string {
  const [, partition, , region = '', account = '', name = ''] = queueArn.split(':');
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${suffix}/${account}/${name}`;
}
