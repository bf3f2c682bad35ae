// npm run control -- <command>: what is done to the definitions of a platform from outside the api.
import { prepare, run } from './prepare.mjs';

await prepare('running');
process.exit(
  await run(['--enable-source-maps', 'apps/api/dist/control/control.main.js', ...process.argv.slice(2)]),
);
