// node tools/launch/run.mjs <project> [arguments]: installs what the project needs, builds, and runs its program.
import { prepare, run } from './prepare.mjs';

/** What a running platform is used with needs nothing of development. */
const WITH_A_PLATFORM = ['tools/config', 'tools/demo', 'tools/verify'];

const [project, ...args] = process.argv.slice(2);
await prepare(WITH_A_PLATFORM.includes(project) ? 'running' : 'all');
process.exit(await run(['--enable-source-maps', `${project}/dist/main.js`, ...args]));
