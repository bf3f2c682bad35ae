// Fifty thousand requests that nobody should send; prints what they were answered. Arguments are jest's.
process.env.PROPERTY_RUNS_FACTOR ??= '125';
process.env.PROPERTY_SEED ??= String(Math.trunc(Math.random() * 2 ** 31));
console.log(`PROPERTY_SEED=${process.env.PROPERTY_SEED}`);
process.argv.splice(2, 0, '--testPathPatterns=tests/sdk/src/fuzz', '--runInBand');
await import('./test.mjs');
