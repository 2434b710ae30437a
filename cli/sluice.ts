/** The `sluice` command. */
import { Command, CommanderError, Option } from 'commander';
import { count, listed, moment } from './arguments.ts';
import { openApi } from './openapi.ts';
import type { ReconcileOptions } from './reconcile.ts';
import type { RedriveOptions } from './redrive.ts';
import { EXIT_CODE, validate, type CommandResult } from './validate.ts';

const program = new Command('sluice')
  .description('Events in, Prefect flow runs out.')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 all is well, 1 the configuration has problems, letters are dead still or events are in no run, ' +
      '2 wrong usage, or something that cannot be read or reached.',
  );

program
  .command('validate')
  .description('check a configuration file and report everything that is wrong with it')
  .argument('[file]', 'the configuration file', 'sluice.yaml')
  .option('--json', 'print the problems as JSON', false)
  .exitOverride()
  .action((file: string, options: { json: boolean }) => {
    report(validate(file, options));
  });

program
  .command('openapi')
  .description('print an OpenAPI 3.1 document of the HTTP endpoint that a configuration makes')
  .argument('[file]', 'the configuration file', 'sluice.yaml')
  .option('--server <url>', 'the URL of the endpoint, which is an output of the stack')
  .exitOverride()
  .action((file: string, options: { server?: string }) => {
    report(openApi(file, options));
  });

program
  .command('redrive')
  .description(
    'send dead letters of a deployed stack through the pipeline again; without --yes, say what that would do',
  )
  .option('--stack <name>', 'the stack that Sluice was deployed as, or is part of', 'Sluice')
  .addOption(
    new Option('--source <name>', 'only letters of this source; may be repeated')
      .argParser(listed)
      .default([], 'all'),
  )
  .addOption(
    new Option('--route <name>', 'only letters of this route; may be repeated')
      .argParser(listed)
      .default([], 'all'),
  )
  .addOption(
    new Option('--code <code>', 'only letters with this code; may be repeated')
      .argParser(listed)
      .default([], 'all'),
  )
  .option(
    '--since <when>',
    'only letters written from then on: 2026-01-31T12:00:00Z, or 2h ago as 2h',
    moment,
  )
  .option('--until <when>', 'only letters written before then', moment)
  .option('--per-minute <letters>', 'how many letters to send a minute', count, 60)
  .option('--limit <letters>', 'stop after so many, for example to try one first', count)
  .addOption(new Option('--dry-run', 'send nothing and delete nothing: the default').conflicts('yes'))
  .option('--yes', 'send them, and delete those that are settled', false)
  .option('--json', 'print the counts as JSON', false)
  .exitOverride()
  .action(async (options: RedriveOptions) => {
    // Only here: the AWS SDK takes longer to load than the other commands to run.
    const { redrive } = await import('./redrive.ts');
    report(await redrive(options));
  });

program
  .command('reconcile')
  .description(
    'compare what a deployed stack knows with what Prefect has: flush windows that nobody flushed, record flow runs ' +
      'that nobody recorded, report the rest',
  )
  .option('--stack <name>', 'the stack that Sluice was deployed as, or is part of', 'Sluice')
  .option('--windows', 'look at windows only, and not at every event', false)
  .option('--dry-run', 'change nothing', false)
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
  // Commander has printed help or what is wrong with the arguments; help that was asked for is no mistake.
  process.exitCode = error.exitCode === 0 ? EXIT_CODE.sound : EXIT_CODE.unusable;
}
