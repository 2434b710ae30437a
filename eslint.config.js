// Type-aware rules for all TypeScript; a stale suppression fails.
import tseslint from 'typescript-eslint';

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
    files: ['test/**/*.ts'],
    rules: {
      // describe/it callbacks and fakes that implement asynchronous ports synchronously.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
