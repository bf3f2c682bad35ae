// The properties on forty times as many cases as `npm test` tries. It takes minutes; arguments are jest's.
process.env.PROPERTY_RUNS_FACTOR ??= '40';
process.argv.splice(2, 0, '--testPathPatterns=property', '--runInBand');
await import('./test.mjs');
