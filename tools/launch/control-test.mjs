// Two processes of the api, a hundred writers, and twenty kills of them, the relay and the database. Arguments are jest's.
process.env.CONTROL_KILLS ??= '20';
process.argv.splice(2, 0, '--testPathPatterns=tests/e2e/src/control-plane', '--runInBand');
await import('./test.mjs');
