/** One line of an estimate: what a part of the deployment costs in a month, idle and under the load. */
export interface CostItem {
  readonly service: Service;
  readonly item: string;
  readonly idleDollars: number;
  readonly loadDollars: number;
  /** What is counted under the load, for a reader who wants to check it. */
  readonly basis: string;
}

export type Service =
  | 'API Gateway'
  | 'Lambda'
  | 'SQS'
  | 'DynamoDB'
  | 'CloudWatch'
  | 'Secrets Manager'
  | 'KMS'
  | 'S3'
  | 'Data transfer';

/** Write a count as a person reads it: 1.5 billion, 20 million, 64,800. */
export function countText(count: number): string {
  if (count >= 1e9) return `${Number((count / 1e9).toPrecision(3))} billion`;
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))} million`;
  return Math.round(count).toLocaleString('en-US');
}

export function gigabytesText(gigabytes: number): string {
  return `${Number(gigabytes.toPrecision(3)).toLocaleString('en-US')} GB`;
}
