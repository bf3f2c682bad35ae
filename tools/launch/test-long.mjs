// The properties on forty times as many cases as `npm test` tries, and on others each time. It takes minutes; arguments
// are jest's.
process.env.PROPERTY_RUNS_FACTOR ??= '40';
process.env.PROPERTY_SEED ??= String(Math.trunc(Math.random() * 2 ** 31));
console.log(`PROPERTY_SEED=${process.env.PROPERTY_SEED}`);
process.argv.splice(2, 0, '--testPathPatterns=property', '--runInBand');
await import('./test.mjs');
