/** `sluice trace`: what became of an event. It reads the table by keys, Prefect and, if asked, the logs. */
import { readFileSync } from 'node:fs';
import { allProblems } from '../lib/config/check-configuration.ts';
import { reportProblems } from '../lib/config/issues/problem-report.ts';
import { loadConfigText } from '../lib/config/load-config.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import { composeTrace } from './tracing/compose-trace.ts';
import { headersOf } from './explain.ts';
import { readConfigFile } from './config-file.ts';
import { errorText } from './error-text.ts';
import { findEvent, type FindOptions } from './tracing/find-event.ts';
import { isFound, traceReport, type TraceResult } from './tracing/trace-report.ts';
import {
  idOfKafkaPosition,
  subjectOfEvent,
  subjectOfId,
  subjectOfKey,
  subjectOfRun,
  type TraceSubject,
} from './tracing/trace-subject.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export interface TraceCommandOptions extends FindOptions {
  readonly stack: string;
  readonly config: string;
  readonly key?: string;
  readonly route?: string;
  readonly event?: string;
  readonly source?: string;
  readonly header: readonly string[];
  readonly eventSource?: string;
  readonly run?: string;
  readonly batch?: string;
  readonly messageId?: string;
  readonly kafka?: string;
  readonly json: boolean;
}

export async function trace(eventId: string | null, options: TraceCommandOptions): Promise<CommandResult> {
  const read = readConfigFile(options.config);
  if (!read.ok) return unusable(read.message);
  const loaded = loadConfigText(read.text, options.config);
  if (!loaded.ok) return unusable(reportProblems(allProblems(loaded)));
  const subject = await subjectOf(eventId, loaded.config, options);
  if (subject.kind === 'invalid') return unusable(subject.message);
  try {
    const result = await traceDeployed(subject, loaded.config, options);
    return {
      exitCode: isFound(result) ? EXIT_CODE.success : EXIT_CODE.problems,
      output: options.json ? JSON.stringify(result, null, 2) : traceReport(result, nameOf(eventId, options)),
      errorOutput: '',
    };
  } catch (error) {
    return unusable(`Cannot trace in stack ${options.stack}: ${errorText(error)}`);
  }
}

async function traceDeployed(
  subject: Exclude<TraceSubject, { kind: 'invalid' }>,
  config: CompiledConfig,
  options: TraceCommandOptions,
): Promise<TraceResult> {
  const { tools, close } = await composeTrace(options.stack, config);
  try {
    return await findEvent(subject, config, tools, options);
  } finally {
    close();
  }
}

/** Exactly one way to name the event. */
async function subjectOf(
  eventId: string | null,
  config: CompiledConfig,
  options: TraceCommandOptions,
): Promise<TraceSubject> {
  const {
    key,
    route = null,
    event,
    source = null,
    eventSource = null,
    run,
    batch,
    messageId,
    kafka,
  } = options;
  const ways = [eventId ?? undefined, key, event, run, batch, messageId, kafka].filter(
    (way) => way !== undefined,
  );
  if (ways.length !== 1) {
    return {
      kind: 'invalid',
      message:
        'name one event: by its id, --key with --route, --event with --source, --run, --batch, --message-id or --kafka',
    };
  }
  if (key !== undefined) return subjectOfKey(config, route, key);
  if (run !== undefined) return subjectOfRun(run);
  if (batch !== undefined) return { kind: 'batch', batchId: batch };
  if (event !== undefined) return subjectOfFile(config, event, options);
  const id = kafka === undefined ? (eventId ?? messageId ?? '') : idOfKafkaPosition(kafka);
  if (id === null) return { kind: 'invalid', message: 'write the position as topic/partition@offset' };
  return subjectOfId(config, id, { source, eventSource });
}

async function subjectOfFile(
  config: CompiledConfig,
  file: string,
  { source, header }: TraceCommandOptions,
): Promise<TraceSubject> {
  if (source === undefined || !Object.hasOwn(config.sources, source)) {
    const names = Object.keys(config.sources).join(', ');
    return { kind: 'invalid', message: `name the source that received the event with --source: ${names}` };
  }
  const headers = headersOf(header);
  if (headers === null) return { kind: 'invalid', message: 'write each --header as "name: value"' };
  try {
    const body = readFileSync(file === '-' ? 0 : file);
    return await subjectOfEvent(config, { index: 0, source, body, headers, key: null });
  } catch (error) {
    return {
      kind: 'invalid',
      message: `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** How the caller named the event. */
function nameOf(
  eventId: string | null,
  { key, event, run, batch, messageId, kafka }: TraceCommandOptions,
): string {
  if (key !== undefined) return `the event with the key ${JSON.stringify(key)}`;
  if (event !== undefined) return 'this event';
  return `event ${eventId ?? messageId ?? kafka ?? run ?? batch ?? ''}`;
}
