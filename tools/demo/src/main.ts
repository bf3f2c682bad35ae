import { addressOf, Client, HarnessError } from '@tributary/harness';
import { parseArgs } from 'node:util';
import { castOf, idOf, type Cast } from './cast.js';
import { observe } from './observation.js';
import { checkPlatform } from './platform.js';
import { Shop } from './shop.js';
import { Terminal } from './terminal.js';
import { AUDIENCE, tell, type Outcome } from './scenario.js';
import { short, Directory } from './directory.js';
import { until } from './waiting.js';

const LIVE_WITHIN_MS = 10_000;

async function defineAudience(client: Client, terminal: Terminal): Promise<void> {
  await client.putAudience(AUDIENCE.key, AUDIENCE.query, AUDIENCE.name);
  terminal.line('audience', `${AUDIENCE.key} is defined: ${AUDIENCE.query}`);
  const isLive = async () => (await client.audienceState(AUDIENCE.key)) === 'live';
  const live = await until(isLive, LIVE_WITHIN_MS);
  terminal.line(
    'audience',
    live ? `${AUDIENCE.key} is live` : `${AUDIENCE.key} is not live yet; the scenario begins`,
  );
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
  const address = addressOf(process.env);
  const write = (text: string) => void process.stdout.write(text);
  await checkPlatform(address);
  const startedAt = Date.now();
  const now = () => Date.now();
  const terminal = new Terminal(now, startedAt, write);
  const cast = castOf(startedAt.toString(36));
  const directory = new Directory(address.workspaceId, cast.names, terminal, now);
  terminal.title("A shop's visitors, through the Segment SDK, and what Tributary makes of them");
  const stack = new AsyncDisposableStack();
  try {
    await observe(stack, address.brokers, directory);
    const shop = stack.adopt(new Shop(address, terminal), (one) => one.close());
    await defineAudience(new Client(address), terminal);
    const outcomes = await tell({ cast, shop, directory, terminal });
    summarise(terminal, directory, cast, outcomes);
    return outcomes.every((outcome) => outcome.true) ? 0 : 1;
  } finally {
    await stack.disposeAsync();
  }
}

try {
  const { help } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values;
  if (help) console.log(USAGE);
  else process.exitCode = await run();
} catch (error) {
  const isOfArguments =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isOfArguments && !(error instanceof HarnessError)) throw error;
  console.error(isOfArguments ? `${error.message.split('. ')[0] ?? ''}\n${USAGE}` : error.message);
  process.exitCode = 1;
}
