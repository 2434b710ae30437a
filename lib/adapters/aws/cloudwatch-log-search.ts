import { FilterLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../ports.ts';
import type { LogSearch, LogSearchResult } from '../../trace/event-line.ts';
import { mapWithConcurrency } from '../../map-with-concurrency.ts';

export interface CloudWatchLogSearchOptions {
  readonly client: CloudWatchLogsClient;
  readonly logGroupNames: readonly string[];
  readonly clock: Clock;
  /** The search of all groups ends after this time. */
  readonly timeoutMs: number;
}

const PARALLEL_GROUPS = 4;

/**
 * Searches log groups with FilterLogEvents, which costs nothing, and reads a megabyte or a thousand lines a request.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export class CloudWatchLogSearch implements LogSearch {
  readonly #options: CloudWatchLogSearchOptions;

  constructor(options: CloudWatchLogSearchOptions) {
    this.#options = options;
  }

  /** `text` in quotation marks is a pattern that matches it wherever it stands in a line. */
  async findLines(text: string, sinceEpochMs: number): Promise<LogSearchResult> {
    const { logGroupNames, clock, timeoutMs } = this.#options;
    const endsAtEpochMs = clock.nowEpochMs() + timeoutMs;
    const found = await mapWithConcurrency(logGroupNames, PARALLEL_GROUPS, (logGroupName) =>
      this.#findInGroup(logGroupName, text, sinceEpochMs, endsAtEpochMs),
    );
    return {
      lines: found
        .flatMap(({ lines }) => lines)
        .toSorted((one, other) => one.timestamp - other.timestamp)
        .map(({ message }) => message),
      isComplete: found.every(({ isComplete }) => isComplete),
      requests: found.reduce((sum, { requests }) => sum + requests, 0),
    };
  }

  async #findInGroup(logGroupName: string, text: string, startTime: number, endsAtEpochMs: number) {
    const lines: { readonly timestamp: number; readonly message: string }[] = [];
    let nextToken: string | undefined;
    let requests = 0;
    do {
      if (this.#options.clock.nowEpochMs() > endsAtEpochMs) return { lines, isComplete: false, requests };
      const page = await this.#options.client.send(
        new FilterLogEventsCommand({ logGroupName, startTime, filterPattern: quoted(text), nextToken }),
      );
      requests++;
      for (const { timestamp = 0, message = '' } of page.events ?? []) lines.push({ timestamp, message });
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return { lines, isComplete: true, requests };
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
