import type { Cast } from './cast.js';
import { idOf } from './cast.js';
import type { Shop } from './shop.js';
import type { Terminal } from './terminal.js';
import type { Directory } from './directory.js';
import { until } from './waiting.js';

export const WINDOW_SECONDS = 20;
export const AUDIENCE = {
  // Not that of the README's example: who has tried it keeps what it defined.
  key: 'demo-big-spenders',
  name: 'Big spenders',
  query: `event('Order Completed').where(property('total') >= 100).within(${WINDOW_SECONDS} seconds).count() >= 2`,
} as const;

const PATIENCE_MS = 5_000;
const QUIET_MS = 300;

/** Something that should come true, and whether it did. */
export interface Outcome {
  readonly fact: string;
  readonly true: boolean;
}

interface Scene {
  readonly cast: Cast;
  readonly shop: Shop;
  readonly directory: Directory;
  readonly terminal: Terminal;
}

/** The scenario from the first anonymous look to the last exit; answers with what came true of it. */
export async function tell(scene: Scene): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const chapter of [anonymousVisits, signUp, logIn, sharedTablet, orders, windowPasses]) {
    outcomes.push(...(await chapter(scene)));
    await until(() => scene.directory.quietMs >= QUIET_MS, PATIENCE_MS);
    scene.directory.report();
  }
  return outcomes;
}

async function anonymousVisits({ cast, shop, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  terminal.chapter('A phone and a laptop look around; nobody knows whose they are');
  const { phone, laptop } = cast.devices;
  shop.looks(phone, 'running shoes');
  shop.looks(laptop, 'a rain jacket');
  const known = () => [phone, laptop].every((device) => directory.profile(directory.profileOf(idOf(device))));
  return [
    {
      fact: 'each device that nobody logged in on has a profile of its own',
      true: await until(known, PATIENCE_MS),
    },
  ];
}

async function signUp({ cast, shop, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  const { ann } = cast.people;
  const { phone } = cast.devices;
  terminal.chapter('Ann signs up on the phone: what it looked at was her');
  shop.signsUp(ann, phone);
  const one = () => together(directory, ann, phone) && eventsOf(directory, ann) >= 3;
  return [
    {
      fact: "the phone's anonymous visit is part of Ann's profile",
      true: await until(one, PATIENCE_MS),
    },
  ];
}

async function logIn({ cast, shop, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  const { ann } = cast.people;
  const { phone, laptop } = cast.devices;
  terminal.chapter('Ann logs in on the laptop: two profiles become one');
  shop.logsIn(ann, laptop);
  const one = () => together(directory, phone, laptop) && eventsOf(directory, ann) >= 6;
  return [{ fact: "Ann's phone and laptop are one profile", true: await until(one, PATIENCE_MS) }];
}

async function sharedTablet({ cast, shop, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  const { ben, cleo } = cast.people;
  const { tablet } = cast.devices;
  terminal.chapter('Ben and Cleo share a tablet: it belongs to the first, and does not make them one');
  shop.looks(tablet, 'a tent');
  shop.signsUp(ben, tablet);
  await until(() => together(directory, ben, tablet), PATIENCE_MS);
  shop.signsUp(cleo, tablet);
  const apart = () =>
    !together(directory, ben, cleo) && !together(directory, cleo, tablet) && eventsOf(directory, cleo) >= 2;
  return [
    {
      fact: 'Ben and Cleo are two people in spite of the tablet',
      true: await until(apart, PATIENCE_MS),
    },
  ];
}

async function orders({ cast, shop, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  const { ann, ben, cleo } = cast.people;
  const { phone, laptop, tablet } = cast.devices;
  terminal.chapter(`Orders: two of at least 100 € within ${WINDOW_SECONDS} seconds make a big spender`);
  shop.orders(ann, phone, 120);
  shop.orders(ben, tablet, 150);
  shop.orders(cleo, tablet, 90);
  shop.orders(cleo, tablet, 95);
  shop.orders(ann, laptop, 180);
  const entered = await until(() => lastChange(directory, ann) === 'entered', PATIENCE_MS);
  const settled = await until(
    () => eventsOf(directory, cleo) >= 4 && eventsOf(directory, ben) >= 3,
    PATIENCE_MS,
  );
  const others = [ben, cleo].some((person) => lastChange(directory, person) !== undefined);
  return [
    { fact: 'Ann, with one order on each of her devices, entered demo-big-spenders', true: entered },
    { fact: 'Ben with one such order and Cleo with two small ones did not', true: settled && !others },
  ];
}

async function windowPasses({ cast, directory, terminal }: Scene): Promise<readonly Outcome[]> {
  terminal.chapter(
    `Nobody does anything; ${WINDOW_SECONDS} seconds after Ann's first order the window has passed`,
  );
  const left = () => lastChange(directory, cast.people.ann) === 'exited';
  return [
    {
      fact: 'Ann left demo-big-spenders with no event at all',
      true: await until(left, (WINDOW_SECONDS + 5) * 1_000),
    },
  ];
}

type One = Parameters<typeof idOf>[0];

function together(directory: Directory, a: One, b: One): boolean {
  return directory.profileOf(idOf(a)) === directory.profileOf(idOf(b));
}

function eventsOf(directory: Directory, one: One): number {
  return directory.profile(directory.profileOf(idOf(one)))?.eventCount ?? 0;
}

function lastChange(directory: Directory, one: One): string | undefined {
  return directory.lastChange(idOf(one), AUDIENCE.key)?.change;
}
