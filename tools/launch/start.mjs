import { preflight } from './preflight.mjs';
import { assertNode, giveUp, prepare, run } from './prepare.mjs';

assertNode();
const { problems, notes } = await preflight(process.env);
for (const note of notes) console.error(note);
if (problems.length > 0) giveUp(problems.join('\n'));
await prepare('running');
process.exit(await run(['--enable-source-maps', 'tools/supervisor/dist/main.js']));
