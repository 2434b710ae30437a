/** @type {import('prettier').Config} */
export default {
  printWidth: 110,
  singleQuote: true,
  trailingComma: 'all',
  quoteProps: 'consistent',
  overrides: [
    {
      files: '*.md',
      options: {
        // One line for each paragraph, so that a changed word does not reflow its neighbors.
        proseWrap: 'never',
        // Tables are not padded: a longer cell would change every row.
        printWidth: 1,
        // Examples show how users write them; indented fragments would lose their indentation.
        embeddedLanguageFormatting: 'off',
      },
    },
  ],
};
