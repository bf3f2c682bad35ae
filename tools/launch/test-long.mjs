// The properties on forty times as many cases as `npm test` tries, and on others each time, and the specs of minutes. It
// takes long; arguments are jest's.
process.env.PROPERTY_RUNS_FACTOR ??= '40';
process.env.PROPERTY_SEED ??= String(Math.trunc(Math.random() * 2 ** 31));
process.env.LONG_SPECS = 'true';
console.log(`PROPERTY_SEED=${process.env.PROPERTY_SEED}`);
process.argv.splice(2, 0, '--testPathPatterns=property|\\.long\\.', '--runInBand');
await import('./test.mjs');
