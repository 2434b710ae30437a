/** Checks that each relative link in Markdown leads to a file that exists, and each anchor to one of its headings. */
export default {
  plugins: [['remark-validate-links', { repository: false }]],
};
