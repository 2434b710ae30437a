#!/usr/bin/env node
/** The `sluice` command. */
import { Command, CommanderError } from 'commander';
import { openApi } from './openapi.ts';
import { EXIT_CODE, validate, type CommandResult } from './validate.ts';

const program = new Command('sluice')
  .description('Events in, Prefect flow runs out.')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 all is well, 1 the configuration has problems, 2 wrong usage or a file that cannot be read.',
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

function report({ exitCode, output, errorOutput }: CommandResult): void {
  if (output !== '') process.stdout.write(`${output}\n`);
  if (errorOutput !== '') process.stderr.write(`${errorOutput}\n`);
  process.exitCode = exitCode;
}

try {
  program.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed help or what is wrong with the arguments; help that was asked for is no mistake.
  process.exitCode = error.exitCode === 0 ? EXIT_CODE.sound : EXIT_CODE.unusable;
}
