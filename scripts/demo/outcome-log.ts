/** What became of each event, as the deployed functions have logged it. */
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';

/** The line of functions/sqs-trigger for one event on one route. */
const OutcomeLine = z.object({
  message: z.literal('event'),
  timestamp: z.string(),
  outcome: z.enum(['created', 'duplicate', 'filtered', 'held', 'retry', 'dead-lettered']),
  source: z.string(),
  recordId: z.string(),
  eventId: z.string().nullish(),
  route: z.string().optional(),
  batchId: z.string().optional(),
  flowRunId: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  reason: z.string().optional(),
});

export type OutcomeLine = z.output<typeof OutcomeLine>;

/** From the oldest to the newest. */
export async function readOutcomeLog(aws: AwsEndpoint, stackName: string): Promise<readonly OutcomeLine[]> {
  const client = new CloudWatchLogsClient(aws);
  const lines: OutcomeLine[] = [];
  for (const logGroupName of await triggerLogGroups(client, stackName)) {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
      lines.push(...events.flatMap(({ message = '' }) => outcomeLineOf(message) ?? []));
    }
  }
  return lines.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}

/** CloudFormation makes names of log groups from the stack's and the construct's. */
async function triggerLogGroups(client: CloudWatchLogsClient, stackName: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {})) {
    names.push(...logGroups.flatMap(({ logGroupName }) => logGroupName ?? []));
  }
  return names.filter((name) => name.includes(stackName) && name.includes('TriggerLogs'));
}

/** Null for lines of Lambda itself, metrics and other messages. */
function outcomeLineOf(message: string): OutcomeLine | null {
  if (!message.startsWith('{')) return null;
  return OutcomeLine.safeParse(JSON.parse(message)).data ?? null;
}
