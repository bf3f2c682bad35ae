import { parseArgs } from 'node:util';
import { castOf, idOf, type Cast } from './cast.js';
import { observe } from './observation.js';
import { audienceState, checkPlatform, platformOf, putAudience, type Platform } from './platform.js';
import { Shop } from './shop.js';
import { Stage } from './stage.js';
import { AUDIENCE, tell, type Outcome } from './story.js';
import { short, Town } from './town.js';
import { until } from './waiting.js';

const LIVE_WITHIN_MS = 10_000;

async function defineAudience(platform: Platform, stage: Stage): Promise<boolean> {
  const put = await putAudience(platform, AUDIENCE);
  if (!put.ok) {
    stage.line('note', put.error);
    return false;
  }
  stage.line('audience', `${AUDIENCE.key} is defined: ${AUDIENCE.query}`);
  const live = await until(
    async () => (await audienceState(platform, AUDIENCE.key)) === 'live',
    LIVE_WITHIN_MS,
  );
  stage.line(
    'audience',
    live ? `${AUDIENCE.key} is live` : `${AUDIENCE.key} is not live yet; the story begins`,
  );
  return true;
}

function summarise(stage: Stage, town: Town, cast: Cast, outcomes: readonly Outcome[]): void {
  stage.title('Who is who in the end');
  const rows = [...Object.values(cast.people), ...Object.values(cast.devices)].map((one) => {
    const profileId = town.profileOf(idOf(one));
    return [cast.names.get(idOf(one)) ?? '', short(profileId), town.whoIs(profileId)];
  });
  stage.table([['', 'is in', 'together with'], ...rows]);
  stage.title('What came true');
  stage.table(outcomes.map((outcome) => [outcome.true ? 'yes' : 'NO', outcome.fact]));
}

const USAGE = `npm run demo    tells a shop's story to the platform that \`npm start\` runs; it has no options`;

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
  const stage = new Stage(now, startedAt, write);
  const cast = castOf(startedAt.toString(36));
  const town = new Town(platform.workspaceId, cast.names, stage, now);
  stage.title("A shop's visitors, through the Segment SDK, and what Tributary makes of them");
  const stop = await observe(platform.brokers, town);
  const shop = new Shop(platform, stage);
  try {
    if (!(await defineAudience(platform, stage))) return 1;
    const outcomes = await tell({ cast, shop, town, stage });
    summarise(stage, town, cast, outcomes);
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
