/** Builds the bundle of a function with a mistake in the claim protocol, to show that the crash test notices it. */
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE_OPTIONS } from '../../infra/bundle-options.ts';
import { projectFolder } from '../../scripts/stack/paths.ts';
import type { Bundler } from './fixture.ts';

export interface Edit {
  /** Relative to the project. */
  readonly file: string;
  /** A text that occurs exactly once in the file. */
  readonly replace: string;
  readonly by: string;
}

export function mutantBundler({ file, replace, by }: Edit): Bundler {
  const mutated = join(projectFolder, file);
  return async (name, config, folder) => {
    const [before, after, ...more] = (await readFile(mutated, 'utf8')).split(replace);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`this text does not occur exactly once in ${file}; fix the edit: ${replace}`);
    }
    await build({
      absWorkingDir: projectFolder,
      entryPoints: [join('functions', name, 'handler.ts')],
      outfile: join(folder, 'handler.js'),
      ...BUNDLE_OPTIONS,
      tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
      plugins: [
        {
          name: 'mutation',
          setup: (builder) => {
            builder.onLoad({ filter: /\.ts$/ }, ({ path }) =>
              path === mutated ? { contents: before + by + after, loader: 'ts' } : undefined,
            );
          },
        },
      ],
    });
    await writeFile(join(folder, 'sluice.config.json'), JSON.stringify(config));
  };
}
