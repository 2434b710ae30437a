/** The `sluice` command. */
import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../lib/version.ts';
import {
  collect,
  collectShare,
  collectTraffic,
  parseCount,
  parsePositiveInteger,
  parseSize,
  parseTime,
} from './arguments.ts';
import { cost, type CostOptions } from './cost.ts';
import type { ExplainOptions } from './explain.ts';
import { openApi } from './openapi.ts';
import type { ReconcileOptions } from './reconcile.ts';
import type { RedriveOptions } from './redrive.ts';
import type { TestRoutesOptions } from './test-routes.ts';
import type { TraceCommandOptions } from './trace.ts';
import { validate } from './validate.ts';
import { EXIT_CODE, type CommandResult } from './command-result.ts';

const program = new Command('sluice')
  .description('Events in, Prefect flow runs out.')
  .version(VERSION, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print help')
  .helpCommand('help [command]', 'print help for a command')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes:\n' +
      '  0  success, no findings\n' +
      '  1  the configuration has errors, a test of routes failed, some dead letters were not redriven, or some events have no flow run; trace found nothing\n' +
      '  2  invalid usage, or a file, a stack or a service cannot be read or reached',
  );

program
  .command('validate')
  .description('check a configuration file and report every problem, with its position and a suggested fix')
  .argument('[file]', 'the configuration file', 'sluice.yaml')
  .option('--json', 'print errors and warnings as JSON', false)
  .option(
    '--stack <name>',
    'also compare with this deployed stack: sources and routes that would go, and queues that other functions read',
  )
  .exitOverride()
  .action(async (file: string, options: { json: boolean; stack?: string }) => {
    const result = validate(file, options);
    if (options.stack === undefined) {
      report(result);
      return;
    }
    // Only here: the AWS SDK takes longer to load than the other commands to run.
    const { compareWithStack } = await import('./compare-with-stack.ts');
    const { text, kind } = await compareWithStack(file, options.stack);
    report({
      ...result,
      errorOutput: [result.errorOutput, text].filter((part) => part !== '').join('\n'),
      ...(kind === 'refused' && { exitCode: EXIT_CODE.problems }),
      ...(kind === 'unreadable' && { exitCode: EXIT_CODE.unusable }),
    });
  });

program
  .command('cost')
  .description(
    'estimate what a configuration costs on AWS in a month, idle and under a load, and what lowers that',
  )
  .argument('[file]', 'the configuration file', 'sluice.yaml')
  .option(
    '--events-per-day <number>',
    'events a day of all sources together that have no --source of their own, as 500, 20k or 1.5M',
    parseCount,
    1_000_000,
  )
  .addOption(
    new Option('--event-size <size>', 'size of an event, as 900B or 2KiB')
      .argParser(parseSize)
      .default(1024, '1KiB'),
  )
  .addOption(
    new Option(
      '--source <name=number[,size]>',
      'events a day of this source, and their size; may be repeated',
    )
      .argParser(collectTraffic)
      .default([], 'an equal share'),
  )
  .addOption(
    new Option(
      '--match <route=share>',
      'share of the events that this route matches, as 20%; may be repeated',
    )
      .argParser(collectShare)
      .default([], '100%'),
  )
  .option(
    '--events-per-run <number>',
    'events in a flow run at most, for example because of coalesce.key (default: what the caps allow)',
    parsePositiveInteger,
  )
  .option('--no-alarms', 'as cdk deploy -c alarms=false')
  .option('--no-dashboard', 'as cdk deploy -c dashboard=false')
  .option('--json', 'print the estimate as JSON', false)
  .exitOverride()
  .action((file: string, options: CostOptions) => {
    report(cost(file, options));
  });

program
  .command('openapi')
  .description('print an OpenAPI 3.1 document of the HTTP endpoint of a configuration')
  .argument('[file]', 'the configuration file', 'sluice.yaml')
  .option('--server <url>', 'the URL of the endpoint, which is an output of the stack')
  .exitOverride()
  .action((file: string, options: { server?: string }) => {
    report(openApi(file, options));
  });

program
  .command('explain')
  .description(
    'say in sentences what a configuration does with events; with --event, what it would do with that one, step by step',
  )
  .argument('[route]', 'only this route')
  .option('--config <file>', 'the configuration file', 'sluice.yaml')
  .option('--event <file>', 'an event as its sender sends it: the body of a request, message or record')
  .option('--source <name>', 'the source that receives the event; needed if there are several')
  .addOption(
    new Option('--header <name: value>', 'a header or attribute of the event; may be repeated')
      .argParser(collect)
      .default([], 'none'),
  )
  .option('--json', 'print the explanation as JSON', false)
  .exitOverride()
  .action(async (route: string | undefined, options: ExplainOptions) => {
    const { explain } = await import('./explain.ts');
    report(await explain(route ?? null, options));
  });

program
  .command('test')
  .description(
    'run tests of routes: events in, flow runs and parameters out, without AWS and without Prefect',
  )
  .argument('[files...]', 'files with tests; default: sluice.test.yaml, beside those in the configuration')
  .option('--config <file>', 'the configuration file', 'sluice.yaml')
  .option('--json', 'print the results as JSON', false)
  .exitOverride()
  .action(async (files: readonly string[], options: TestRoutesOptions) => {
    const { testRoutes } = await import('./test-routes.ts');
    report(await testRoutes(files, options));
  });

program
  .command('trace')
  .description('say what became of an event: which flow run it is in, or why it is in none')
  .argument('[id]', 'the id of the event, as the endpoint answers it')
  .option('--key <value>', 'the value of the dedupe.key, for example an order number')
  .option('--route <name>', 'the route that the key is of; default: all with a dedupe.key')
  .option('--event <file>', 'the event as its sender sent it; - reads standard input')
  .option('--source <name>', 'the source that received the event')
  .addOption(
    new Option('--header <name: value>', 'a header of the --event; may be repeated')
      .argParser(collect)
      .default([], 'none'),
  )
  .option('--event-source <uri>', 'the attribute source of a CloudEvent, with its id')
  .option('--run <id or URL>', 'a flow run: which events are in it')
  .option('--batch <id>', 'a batch: the label sluice.batch of a flow run')
  .option('--message-id <id>', 'the id of an SQS message')
  .option('--kafka <position>', 'the position of a Kafka record: topic/partition@offset')
  .option('--logs', 'search the logs, too: deliveries, duplicates and other events of the batch', false)
  .option('--since <when>', 'search the logs since a timestamp or a duration ago; default: 1d', parseTime)
  .option('--stack <name>', 'the stack that contains Sluice', 'Sluice')
  .option('--config <file>', 'the configuration file', 'sluice.yaml')
  .option('--json', 'print what was found as JSON', false)
  .exitOverride()
  .action(async (id: string | undefined, options: TraceCommandOptions) => {
    // Load the AWS SDK only here: loading it takes longer than running the other commands.
    const { trace } = await import('./trace.ts');
    report(await trace(id ?? null, options));
  });

program
  .command('redrive')
  .description(
    'send dead letters of a deployed stack through the pipeline again; dry run unless --yes is given',
  )
  .option('--stack <name>', 'the stack that contains Sluice', 'Sluice')
  .addOption(
    new Option('--source <name>', 'only dead letters of this source; may be repeated')
      .argParser(collect)
      .default([], 'all'),
  )
  .option(
    '--queue <url>',
    'read this queue, for example of a source that was renamed or removed, and process it as the one --source',
  )
  .addOption(
    new Option('--route <name>', 'only dead letters of this route; may be repeated')
      .argParser(collect)
      .default([], 'all'),
  )
  .addOption(
    new Option('--code <code>', 'only dead letters with this code; may be repeated')
      .argParser(collect)
      .default([], 'all'),
  )
  .option(
    '--since <when>',
    'only dead letters written since a timestamp (2026-01-31T12:00:00Z) or a duration ago (2h)',
    parseTime,
  )
  .option('--until <when>', 'only dead letters written before a timestamp or a duration ago', parseTime)
  .option('--per-minute <number>', 'dead letters to send per minute', parsePositiveInteger, 60)
  .option(
    '--limit <number>',
    'stop after this many dead letters, for example to try one first',
    parsePositiveInteger,
  )
  .addOption(new Option('--dry-run', 'send nothing and delete nothing (the default)').conflicts('yes'))
  .option('--yes', 'send the dead letters, and delete those that are settled', false)
  .option('--json', 'print the counts as JSON', false)
  .exitOverride()
  .action(async (options: RedriveOptions) => {
    // Load the AWS SDK only here: loading it takes longer than running the other commands.
    const { redrive } = await import('./redrive.ts');
    report(await redrive(options));
  });

program
  .command('reconcile')
  .description(
    'compare the table of a deployed stack with Prefect: flush overdue windows, record flow runs without a record, ' +
      'and report everything else',
  )
  .option('--stack <name>', 'the stack that contains Sluice', 'Sluice')
  .option('--windows', 'check windows only, not every event', false)
  .option('--dry-run', 'only report, change nothing', false)
  .option('--json', 'print the report as JSON', false)
  .exitOverride()
  .action(async (options: ReconcileOptions) => {
    const { reconcile } = await import('./reconcile.ts');
    report(await reconcile(options));
  });

function report({ exitCode, output, errorOutput }: CommandResult): void {
  if (output !== '') process.stdout.write(`${output}\n`);
  if (errorOutput !== '') process.stderr.write(`${errorOutput}\n`);
  process.exitCode = exitCode;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has already printed help, the version, or the usage error.
  process.exitCode = error.exitCode === 0 ? EXIT_CODE.success : EXIT_CODE.unusable;
}
