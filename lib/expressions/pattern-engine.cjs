// CommonJS, so that the engine is loaded by the first expression with a pattern, and then at once: `import()` would make
// parsing asynchronous, and an `import` would make every function load it at its cold start. esbuild bundles it lazily too.
exports.loadPatternEngine = () => require('@bufbuild/re2').RE2JS;
