import { parseArgs } from 'node:util';
import { castOf, idOf, type Cast } from './cast.js';
import { observe } from './observation.js';
import { audienceState, checkPlatform, platformOf, putAudience, type Platform } from './platform.js';
import { Shop } from './shop.js';
import { Terminal } from './terminal.js';
import { AUDIENCE, tell, type Outcome } from './scenario.js';
import { short, Directory } from './directory.js';
import { until } from './waiting.js';

const LIVE_WITHIN_MS = 10_000;

async function defineAudience(platform: Platform, terminal: Terminal): Promise<boolean> {
  const put = await putAudience(platform, AUDIENCE);
  if (!put.ok) {
    terminal.line('note', put.error);
    return false;
  }
  terminal.line('audience', `${AUDIENCE.key} is defined: ${AUDIENCE.query}`);
  const live = await until(
    async () => (await audienceState(platform, AUDIENCE.key)) === 'live',
    LIVE_WITHIN_MS,
  );
  terminal.line(
    'audience',
    live ? `${AUDIENCE.key} is live` : `${AUDIENCE.key} is not live yet; the scenario begins`,
  );
  return true;
}

function summarise(terminal: Terminal, directory: Directory, cast: Cast, outcomes: readonly Outcome[]): void {
  terminal.title('Who is who in the end');
  const rows = [...Object.values(cast.people), ...Object.values(cast.devices)].map((one) => {
    const profileId = directory.profileOf(idOf(one));
    return [cast.names.get(idOf(one)) ?? '', short(profileId), directory.whoIs(profileId)];
  });
  terminal.table([['', 'is in', 'together with'], ...rows]);
  terminal.title('What came true');
  terminal.table(outcomes.map((outcome) => [outcome.true ? 'yes' : 'NO', outcome.fact]));
}

const USAGE = `npm run demo    plays a shop's scenario on the platform that \`npm start\` runs; it has no options`;

async function run(): Promise<number> {
  const platform = platformOf(process.env);
  const write = (text: string) => void process.stdout.write(text);
  const ready = await checkPlatform(platform);
  if (!ready.ok) {
    process.stderr.write(`${ready.error}\n`);
    return 1;
  }
  const startedAt = Date.now();
  const now = () => Date.now();
  const terminal = new Terminal(now, startedAt, write);
  const cast = castOf(startedAt.toString(36));
  const directory = new Directory(platform.workspaceId, cast.names, terminal, now);
  terminal.title("A shop's visitors, through the Segment SDK, and what Tributary makes of them");
  const stop = await observe(platform.brokers, directory);
  const shop = new Shop(platform, terminal);
  try {
    if (!(await defineAudience(platform, terminal))) return 1;
    const outcomes = await tell({ cast, shop, directory, terminal });
    summarise(terminal, directory, cast, outcomes);
    return outcomes.every((outcome) => outcome.true) ? 0 : 1;
  } finally {
    await shop.close();
    await stop();
  }
}

try {
  const { help } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values;
  if (help) console.log(USAGE);
  else process.exitCode = await run();
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
    throw error;
  console.error(`${error.message.split('. ')[0] ?? ''}\n${USAGE}`);
  process.exitCode = 1;
}
