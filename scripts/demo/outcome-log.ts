/** Reads the outcome of each event from the logs of the deployed functions. */
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';

/** The log line of a trigger for one event on one route. */
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

/** Read all outcome lines, the oldest first. */
export async function readOutcomeLog(aws: AwsEndpoint, stackName: string): Promise<readonly OutcomeLine[]> {
  const client = new CloudWatchLogsClient(aws);
  const lines: OutcomeLine[] = [];
  for (const logGroupName of await triggerLogGroups(client, stackName)) {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
      lines.push(...events.flatMap(({ message = '' }) => parseOutcomeLine(message) ?? []));
    }
  }
  return lines.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}

/** Find log groups by the names that CloudFormation generates from the stack and the construct. */
async function triggerLogGroups(client: CloudWatchLogsClient, stackName: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, {})) {
    names.push(...logGroups.flatMap(({ logGroupName }) => logGroupName ?? []));
  }
  return names.filter((name) => name.includes(stackName) && name.includes('TriggerLogs'));
}

/** Return `null` for lines of Lambda itself, metrics and other messages. */
function parseOutcomeLine(message: string): OutcomeLine | null {
  if (!message.startsWith('{')) return null;
  return OutcomeLine.safeParse(JSON.parse(message)).data ?? null;
}
