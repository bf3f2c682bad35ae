import { prepare, run } from './prepare.mjs';

const [project, ...args] = process.argv.slice(2);
await prepare();
process.exit(await run(['--enable-source-maps', `${project}/dist/main.js`, ...args]));
