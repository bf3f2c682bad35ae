import { prepare, run } from './prepare.mjs';

await prepare();
process.exit(await run(['--enable-source-maps', 'tools/supervisor/dist/main.js']));
