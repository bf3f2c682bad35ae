import { ACCOUNT_TRAITS, AUDIENCES, People, TRAITS } from '@tributary/harness/people';
import { eventually } from '@tributary/testing';
import { verify, type VerifyReport } from '@tributary/verify';
import { setTimeout as delay } from 'node:timers/promises';
import { checkChanges } from './changes-check.js';
import { checkProfiles, checkTable } from './counts-check.js';
import { breaks } from './faults.js';
import { Ledger, type LedgerReport } from './ledger.js';
import { Load } from './load.js';
import { readChanges, readEvents, readMemberships, readProfiles } from './log.js';
import { Probes } from './probes.js';
import { faultLine, ledgerLine, seconds, type FaultReport } from './report.js';
import { comesToRest, groupsOf } from './rest.js';
import type { BreakablePlatform } from './breakable-platform.js';
import { planFaults } from './schedule.js';
import { Crowd, spoolScenario, type SpoolScenarioOptions } from './spool-scenario.js';
import { Tables } from './tables.js';

const CALLS_PER_SECOND = 100;
const CONCURRENCY = 8;
const SPOOL_WITHIN_MS = 240_000;
const SPOOL_LOOK_MS = 5_000;
// A machine that is at its limit takes its time; a pipeline that is stuck is found before, at rest.
const SETTLE_MS = 120_000;
/** Audiences that are defined under load, one after each of the first faults: the next fault meets their back-fill. */
const LATE: Readonly<Record<string, string>> = {
  'bought-twice': "event('Order Completed').count() >= 2",
  'never-bought': "event('Order Completed').where(property('total') >= 50).count() = 0",
  'bought-thrice-or-more': "event('Order Completed').count() >= 3",
};
const LIVE_WITHIN_MS = 120_000;
/** The consumers have all of a scenario before them, and had to start without a broker again and again. */
const SCENARIO_PATIENCE = 5;

export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Given, no faults are drawn: the scenario of the spool is played with so many events. */
  readonly scenario?: SpoolScenarioOptions;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

/** Load, faults and checks on a platform that runs. What it found is there too when it ends with an error. */
export class Run {
  readonly faults: FaultReport[] = [];
  readonly wrong: string[] = [];
  ledgerReport: LedgerReport | undefined;
  verified: VerifyReport | undefined;
  readonly #ledger = new Ledger();
  readonly #tables: Tables;
  readonly #load: Load;
  readonly #crowd: Crowd;
  readonly #probes: Probes;
  readonly #late = new Map<string, Promise<void>>();

  constructor(
    private readonly platform: BreakablePlatform,
    private readonly options: RunOptions,
  ) {
    const people = new People(options.seed);
    this.#crowd = new Crowd(people);
    this.#tables = new Tables(() => platform.clickhouseUrl);
    this.#load = new Load({
      ledger: this.#ledger,
      client: platform.client,
      next: () => (options.scenario ? this.#crowd.next() : people.next()),
      callsPerSecond: options.scenario?.callsPerSecond ?? CALLS_PER_SECOND,
      concurrency: CONCURRENCY,
    });
    this.#probes = new Probes(platform, this.#load, this.#tables, options.scenario ? SCENARIO_PATIENCE : 1);
  }

  async run(stack: AsyncDisposableStack): Promise<void> {
    for (const [key, query] of Object.entries(AUDIENCES)) await this.platform.client.putAudience(key, query);
    for (const [key, query] of Object.entries(TRAITS)) await this.platform.client.putTrait(key, query);
    for (const [key, query] of Object.entries(ACCOUNT_TRAITS))
      await this.platform.client.putTrait(key, query, 'accounts');
    await this.#probes.start(stack);
    try {
      await this.#probes.recovered(true);
      const groups = await groupsOf(this.platform.connection);
      this.#load.start();
      await this.#break();
      await this.#load.stop();
      if (this.options.scenario) await this.#allComes();
      this.options.say('the load has ended; waiting for rest');
      await this.#probes.recovered(true);
      await this.#allLive();
      await comesToRest(this.platform.connection, groups, this.options.scenario ? SCENARIO_PATIENCE : 1);
    } finally {
      await this.#load.giveUp();
    }
    await this.#check();
    const { brokers, clickhouseUrl, client } = this.platform;
    this.verified = await verify({
      ...{ brokers: brokers.direct, clickhouseUrl, settleMs: SETTLE_MS },
      api: { url: client.address.apiUrl, token: client.address.apiToken },
    });
    this.wrong.push(
      ...this.verified.differences.map((difference) => `verify: ${JSON.stringify(difference)}`),
    );
  }

  async #break(): Promise<void> {
    const { seed, minutes, scenario, say } = this.options;
    if (scenario) {
      await spoolScenario({ platform: this.platform, load: this.#load, crowd: this.#crowd }, scenario, say);
      return;
    }
    const began = performance.now();
    const since = () => Math.round(performance.now() - began);
    for (const fault of planFaults(seed, minutes)) {
      if (!fault.always && since() > minutes * 60_000) break;
      await Promise.race([delay(Math.max(0, fault.at - since())), this.#loadFails()]);
      const beganAt = since();
      say(faultLine({ ...fault, beganAt }));
      const mend = await breaks({ platform: this.platform, load: this.#load }, fault);
      const tablesToo = fault.kind === 'kill-clickhouse';
      const [recoveryMs] = await Promise.all([this.#probes.recovered(tablesToo), mend()]);
      say(`${seconds(since()).padStart(8)}    recovered in ${seconds(recoveryMs)}`);
      this.faults.push({ ...fault, beganAt, recoveryMs });
      this.#defineOne();
    }
    await Promise.race([delay(Math.max(0, minutes * 60_000 - since())), this.#loadFails()]);
  }

  /** The next of the late ones; it is not waited for, and may be cut off. */
  #defineOne(): void {
    const next = Object.entries(LATE).find(([key]) => !this.#late.has(key));
    if (!next) return;
    const [key, query] = next;
    const put = this.platform.client.putAudience(key, query).catch((error: unknown) => {
      this.options.say(`${key} was not answered: ${String(error)}`);
    });
    this.#late.set(key, put);
  }

  /** All that was defined is live in the end: otherwise nobody compares its members. */
  async #allLive(): Promise<void> {
    for (const [key, put] of this.#late) {
      await put;
      await this.platform.client.putAudience(key, LATE[key] ?? '');
      await eventually(() => this.platform.client.audienceState(key), {
        ...{ until: (state) => state === 'live', withinMs: LIVE_WITHIN_MS, what: `${key} to be live` },
      });
    }
  }

  /** Rejects when the load does, and never resolves before. */
  async #loadFails(): Promise<void> {
    await this.#load.ended;
  }

  /** What was answered with 200 is in the log as soon as the spool is empty, however far behind the consumers are. */
  async #allComes(): Promise<void> {
    const look = async () => {
      this.ledgerReport = this.#ledger.compare(await readEvents(this.platform.connection));
      return this.ledgerReport;
    };
    const report = await eventually(look, {
      ...{ until: ({ lost }) => lost.length === 0, withinMs: SPOOL_WITHIN_MS, everyMs: SPOOL_LOOK_MS },
      what: 'every call that was answered with 200, in the log',
    });
    this.options.say(ledgerLine(report));
  }

  async #check(): Promise<void> {
    const { connection } = this.platform;
    const log = await readEvents(connection);
    const ledger = this.#ledger.compare(log);
    this.ledgerReport = ledger;
    const memberships = await readMemberships(connection);
    this.wrong.push(
      ...ledger.lost.map((entry) => `lost: ${entry} was answered with 200 and is not in the log`),
      ...ledger.neverSent.map((entry) => `never sent: ${entry} is in the log`),
      ...checkProfiles(await readProfiles(connection), log.size),
      ...checkTable(await this.#tables.events(), log),
      ...checkChanges(memberships, await readChanges(connection)),
    );
  }
}
