// Type-aware rules for all TypeScript; a stale suppression fails.
import tseslint from 'typescript-eslint';

const CORE_IS_PURE =
  'The core is pure, so that every test of it is exact and repeatable: time, randomness, environment and ' +
  'network are arguments (lib/ports.ts), and lib/adapters/ brings them.';

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'cdk.out/',
      '.local/',
      'coverage/',
      'bench/results/',
      'test/fixtures/violations/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // The generated message would say less than a union's own name.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    // What import rules cannot see, since it is global. The test is test/architecture.test.ts.
    files: ['lib/**/*.ts'],
    ignores: ['lib/adapters/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['fetch', 'performance', 'process', 'crypto', 'setImmediate', 'setInterval', 'setTimeout'].map(
          (name) => ({ name, message: CORE_IS_PURE }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: CORE_IS_PURE },
        { object: 'Math', property: 'random', message: CORE_IS_PURE },
        { object: 'globalThis', message: CORE_IS_PURE },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: CORE_IS_PURE },
        { selector: 'CallExpression[callee.name="Date"]', message: CORE_IS_PURE },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:crypto',
              importNames: ['getRandomValues', 'randomBytes', 'randomFillSync', 'randomInt', 'randomUUID'],
              message: CORE_IS_PURE,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // describe/it callbacks and fakes that implement asynchronous ports synchronously.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
