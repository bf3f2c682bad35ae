import { parseArgs } from 'node:util';
import { preflight } from './preflight.mjs';
import { assertNode, giveUp, prepare, run } from './prepare.mjs';

const USAGE = `npm start                  starts the platform: Kafka, ClickHouse and every service
npm start -- --validate    checks the settings, ports and folders, and starts nothing
Settings are environment variables: docs/configuration.md lists them.`;

assertNode();
const { help, validate } = readArguments();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
const { problems, notes } = await preflight(process.env);
for (const note of notes) console.error(note);
if (problems.length > 0) giveUp(problems.join('\n'));
if (validate) {
  console.log('the settings are right, and nothing stands in the way of a start');
  process.exit(0);
}
await prepare('running');
process.exit(await run(['--enable-source-maps', 'tools/supervisor/dist/main.js']));

function readArguments() {
  const options = { help: { type: 'boolean', short: 'h' }, validate: { type: 'boolean' } };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return giveUp(`${error.message.split('. ')[0]}\n${USAGE}`);
  }
}
