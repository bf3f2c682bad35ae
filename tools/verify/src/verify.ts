import { aggregatesOfTrait } from '@tributary/audiences';
import { createClickHouse, type ClickHouseClient } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, type KafkaConnectionOptions, kafkaSecurityIn } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import { compareApi, type Api } from './compare/api.js';
import { compareAccounts } from './compare/accounts.js';
import { comparePublished, membershipComparison } from './compare/audiences.js';
import { Comparison } from './compare/comparison.js';
import { computedComparison, type TraitsInForce } from './compare/computed.js';
import { compareIdentity } from './compare/identity.js';
import { compareRetiredProfiles, profileComparison } from './compare/profiles.js';
import { awaitFlow, awaitTables, isOfIdentity } from './settling.js';
import { KafkaLog } from './log/kafka.log.js';
import type { Bounds, Log } from './log/log.port.js';
import { Onward } from './log/onward.js';
import { Activations } from './recompute/activations.js';
import { beyondBound } from './recompute/beyond-bound.js';
import { IdentityControl } from './recompute/control.js';
import {
  aggregatesOfRule,
  readAudiences,
  readBorders,
  readRules,
  readTraits,
  type Audience,
  type Rules,
  type Traits,
} from './recompute/definitions.js';
import { EventIntake } from './recompute/event-intake.js';
import { EventReader, readHeaders, type LogEntry, type WantedAggregate } from './recompute/event-reader.js';
import { histories } from './recompute/history.js';
import { Latecomers } from './recompute/latecomers.js';
import { resolveAccounts } from './recompute/accounts.js';
import { resolvePeople } from './recompute/people.js';
import { readInThread } from './recompute/reading.js';
import type { Subject, VerifyReport } from './report.js';
import { Scratch } from './scratch.js';
import { Ahead } from './streamed/ahead.js';
import { readAccounts, readAssignments, readProfiles } from './streamed/facts.js';
import { PublishedMemberships } from './streamed/memberships.js';
import { compareAssignmentsTable } from './tables/assignments.table.js';
import { compareEventsTable } from './tables/events.table.js';
import { compareMembershipsTable } from './tables/memberships.table.js';
import { comparePublishedTable, PUBLISHED_TABLES } from './tables/published.table.js';
import { takeRetiredEvents } from './tables/retired-events.js';
import { VerifyError } from './verify.errors.js';

/** How much is verified. */
export interface VerifyBounds {
  /** Absent: everything. */
  readonly only?: Exclude<Subject, 'events'> | undefined;
  /** The share of profiles that are compared, 0 to 1; 1 unless given. */
  readonly sample?: number | undefined;
  /**
   * The instant at which audiences are evaluated, in milliseconds since 1970; unless given, that of the cut. Profiles with
   * events received later than `settleMs` before it are left out.
   */
  readonly at?: number | undefined;
  /** How long the pipeline may take to come to the cut, and a difference to vanish, in milliseconds; 60,000 unless given. */
  readonly settleMs?: number | undefined;
  /** How many differences are kept with their details; 20 unless given. */
  readonly keep?: number | undefined;
  /** Takes lines for people. */
  readonly say?: ((line: string) => void) | undefined;
}

/** Where a platform is. */
export interface VerifyOptions extends VerifyBounds {
  readonly brokers: string;
  /** Absent: no table is compared, and events that the log no longer has are not known. */
  readonly clickhouseUrl?: string | undefined;
  /** `tributary` unless given. */
  readonly clickhouseDatabase?: string | undefined;
  /** Absent: the api is not asked. */
  readonly api?: Api | undefined;
}

/** What a verification looks at. */
export interface Installation {
  readonly log: Log;
  /** Where the log is, for threads of their own; absent: one thread does everything. */
  readonly kafka?: KafkaConnectionOptions | undefined;
  readonly clickhouse?: ClickHouseClient | undefined;
  readonly api?: Api | undefined;
}

const SETTLE_MS = 60_000;
const KEPT = 20;
const RECHECK_MS = 500;

/**
 * Recomputes from the event log what the platform streamed, and lists where the two differ. It only reads. Memory is
 * bounded, but for the largest component of identifiers and a few bytes of each; the rest is in a temporary folder.
 *
 * @throws VerifyError when the pipeline does not come to the cut, events are gone that the table does not have, or rules
 *   or splits are written meanwhile
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { brokers, clickhouseUrl: url, clickhouseDatabase: database = 'tributary' } = options;
  const connection = new KafkaConnection({
    brokers: brokers.split(','),
    clientId: 'verify',
    security: kafkaSecurityIn(process.env),
  });
  const clickhouse =
    url === undefined ? undefined : createClickHouse({ url, database, application: 'verify' });
  try {
    const { options: kafka } = connection;
    const of = { log: new KafkaLog(connection), kafka, clickhouse, api: options.api };
    return await verifyInstallation(of, options);
  } finally {
    await clickhouse?.close();
  }
}

/** As {@link verify}, of anything that has the platform's topics. */
export async function verifyInstallation(of: Installation, bounds: VerifyBounds): Promise<VerifyReport> {
  const started = performance.now();
  const scratch = await Scratch.open();
  const withProfiles = bounds.only !== 'identity';
  const ahead = of.kafka && new Ahead(of.kafka, { file: scratch.factsFile, withProfiles });
  try {
    const { comparison, ...found } = await new Verification(of, bounds, scratch).run(ahead);
    const { differences, differenceCount } = comparison;
    return { ...found, differences, differenceCount, elapsedMs: performance.now() - started };
  } finally {
    await ahead?.stop();
    await scratch.close();
  }
}

class Verification {
  readonly #onward: Onward;
  readonly #latecomers: Latecomers;
  readonly #settleMs: number;
  readonly #say: (line: string) => void;

  constructor(
    private readonly of: Installation,
    private readonly bounds: VerifyBounds,
    private readonly scratch: Scratch,
  ) {
    this.#onward = new Onward(of.log);
    this.#latecomers = new Latecomers(scratch);
    this.#settleMs = bounds.settleMs ?? SETTLE_MS;
    this.#say = bounds.say ?? (() => undefined);
  }

  /**
   * 1. The cut is noted and read, and recomputed. 2. What the log has by then is waited for. 3. Only then is the
   * instant taken at which audiences are evaluated, and what was streamed is read; to its end, where a part was read
   * ahead. 4. A difference counts when it is
   * still there after a while: identity answers in rounds, and windows pass a moment late.
   */
  async run(ahead: Ahead | undefined) {
    const { log, clickhouse, api } = this.of;
    const control = await IdentityControl.read(log);
    const definitions = this.#isIdentityAlone ? NO_DEFINITIONS : await readDefinitions(log);
    const cut = await log.bounds(TOPICS.events.name);
    const intake = await this.#takeEvents(cut, aggregatesIn(definitions));
    resolvePeople(this.scratch, control);
    resolveAccounts(this.scratch);
    this.#say(`recomputed from ${intake.found.events} events`);
    await awaitFlow(log, this.#settleMs, this.#isGroupAsked);
    this.#onward.startAt(TOPICS.events.name, new Map([...cut].map(([p, { end }]) => [p, end])));
    const at = this.bounds.at ?? Date.now();
    // As of a past instant, who was in motion then is left out: what was published of them came a moment later.
    if (this.bounds.at !== undefined) this.#latecomers.addAfter(at - this.#settleMs);
    await this.#takeFacts(ahead);
    const published = new PublishedMemberships(this.scratch, at);
    const logStarts = new Map([...cut].map(([p, { start }]) => [p, start]));
    const streamed = await this.#settled(async (comparison) => {
      await readAssignments(this.#onward, this.scratch.db);
      if (!this.#isIdentityAlone) {
        await readProfiles(this.#onward, this.scratch.db);
        await readAccounts(this.#onward, this.scratch.db);
        await published.read(this.#onward);
      }
      await this.#latecomers.addFrom(this.#onward);
      const activations = await Activations.read(log);
      const inForce = { ...definitions, borders: await readBorders(log) };
      this.#compareTopics(comparison, activations, inForce, { at, logStarts, beside: intake.beside });
    });
    this.#say('compared with the topics');
    if (clickhouse) await awaitTables(log, this.#settleMs, this.#isGroupAsked);
    const stored = await this.#settled(async (comparison) => {
      if (clickhouse)
        await this.#compareTables(comparison, clickhouse, {
          ...{ cut, firsts: intake.firsts, late: intake.late, at },
        });
      if (api && this.#isAsked('profiles')) await compareApi(comparison, api);
    });
    if (clickhouse) this.#say('compared with the tables');
    await control.assertInForce();
    const { events, duplicates, unreadable } = intake.found;
    const compared = { events, duplicates, ...(unreadable > 0 ? { unreadable } : {}) };
    stored.mergeInto(streamed);
    const { applied } = control;
    return { comparison: streamed, compared: { ...compared, ...streamed.compared }, applied };
  }

  /** Reads once more where somebody was erased: which pairs are left is known only then. */
  async #takeEvents(cut: ReadonlyMap<number, Bounds>, wanted: readonly WantedAggregate[]) {
    const intake = await this.#takeInto(new EventIntake(this.scratch), cut, wanted);
    if (intake.erasedUntil.size === 0) return intake;
    this.scratch.clearEvents();
    return this.#takeInto(new EventIntake(this.scratch, intake.erasedUntil), cut, wanted);
  }

  async #takeInto(
    intake: EventIntake,
    cut: ReadonlyMap<number, Bounds>,
    wanted: readonly WantedAggregate[],
  ): Promise<EventIntake> {
    const { log, kafka, clickhouse } = this.of;
    const reader = new EventReader(wanted);
    for (const [partition, { start }] of cut) {
      if (start === 0) continue;
      if (!clickhouse) {
        throw new VerifyError(
          `the first ${start} records of ${TOPICS.events.name}/${partition} are no longer in Kafka: ` +
            'give the address of ClickHouse, where the table of events has them',
        );
      }
      await takeRetiredEvents(clickhouse, { partition, start }, (event, place) => {
        intake.takeEvent(reader.shorten(event, place));
      });
    }
    const ranges = new Map([...cut].map(([p, { start, end }]) => [p, { from: start, to: end }]));
    const take = (entry: LogEntry) => {
      intake.take(entry);
    };
    const alone = this.#isIdentityAlone;
    if (kafka) {
      const { brokers, clientId } = kafka;
      await readInThread({ brokers, clientId, ranges, ...(alone ? {} : { wanted }) }, take);
    } else {
      await log.read(TOPICS.events.name, ranges, (record) => {
        take(alone ? readHeaders(record) : reader.read(record));
      });
    }
    return intake;
  }

  async #takeFacts(ahead: Ahead | undefined): Promise<void> {
    const places = await ahead?.places();
    for (const [topic, offsets] of places ?? []) this.#onward.startAt(topic, offsets);
    this.scratch.takeFacts();
  }

  /** Compares until nothing differs any more, or the time for that is over. */
  async #settled(compare: (comparison: Comparison) => Promise<void>): Promise<Comparison> {
    const deadline = performance.now() + this.#settleMs;
    for (;;) {
      const comparison = new Comparison(
        this.scratch,
        this.bounds.keep ?? KEPT,
        this.bounds.sample ?? 1,
        this.#latecomers,
      );
      await compare(comparison);
      if (comparison.differenceCount === 0 || performance.now() > deadline) return comparison;
      await delay(RECHECK_MS);
    }
  }

  /** Then nothing is read, nor waited for, but what identity is made of. */
  get #isIdentityAlone(): boolean {
    return this.bounds.only === 'identity';
  }

  readonly #isGroupAsked = (groupId: string) => !this.#isIdentityAlone || isOfIdentity(groupId);

  #isAsked(subject: Subject): boolean {
    return this.bounds.only === undefined || this.bounds.only === subject;
  }

  #compareTopics(
    comparison: Comparison,
    activations: Activations,
    { audiences, traits, rules, borders }: Definitions & Pick<TraitsInForce, 'borders'>,
    asOf: Parameters<typeof membershipComparison>[3] & { readonly beside: ReadonlySet<string> },
  ): void {
    comparison.undecided = beyondBound(this.scratch);
    comparison.besideErased.addAll(asOf.beside);
    if (this.#isAsked('identity')) compareIdentity(comparison);
    const compareEach = [
      ...(this.#isAsked('profiles')
        ? [
            profileComparison(comparison, rules, activations),
            computedComparison(comparison, { traits, borders }, { activations, at: asOf.at }),
          ]
        : []),
      ...(this.#isAsked('audiences') ? [membershipComparison(comparison, audiences, activations, asOf)] : []),
    ];
    if (compareEach.length === 0) return;
    for (const history of histories(this.scratch, activations, comparison.isSampled)) {
      const reason = comparison.reasonToLeaveOut(history.component);
      if (reason !== undefined) comparison.count(`profiles ${reason}`);
      else for (const compare of compareEach) compare(history);
    }
    if (this.#isAsked('profiles')) {
      compareRetiredProfiles(comparison);
      const isRetired = [...asOf.logStarts.values()].some((start) => start > 0);
      compareAccounts(comparison, { traits: traits.ofEvents, activations, at: asOf.at, isRetired });
    }
    if (this.#isAsked('audiences')) comparePublished(comparison, audiences);
  }

  async #compareTables(
    comparison: Comparison,
    clickhouse: ClickHouseClient,
    { at, ...log }: Parameters<typeof compareEventsTable>[2] & { readonly at: number },
  ): Promise<void> {
    if (this.bounds.only === undefined) await compareEventsTable(comparison, clickhouse, log);
    if (this.#isAsked('identity')) await compareAssignmentsTable(comparison, clickhouse);
    if (this.#isAsked('profiles'))
      for (const table of PUBLISHED_TABLES) await comparePublishedTable(comparison, clickhouse, table);
    if (this.#isAsked('audiences')) await compareMembershipsTable(comparison, clickhouse, at);
  }
}

interface Definitions {
  readonly audiences: ReadonlyMap<string, Audience>;
  readonly traits: Traits;
  readonly rules: Rules;
}

const NO_DEFINITIONS: Definitions = {
  audiences: new Map(),
  traits: { ofEvents: new Map(), scores: new Map() },
  rules: new Map(),
};

async function readDefinitions(log: Log): Promise<Definitions> {
  const rules = await readRules(log);
  const traits = await readTraits(log);
  return { rules, audiences: await readAudiences(log, rules, traits), traits };
}

function aggregatesIn({ audiences, traits, rules }: Definitions): readonly WantedAggregate[] {
  const byAudiences = [...audiences.values()].flatMap(({ workspaceId, aggregates }) =>
    aggregates.map((aggregate) => ({ workspaceId, aggregate })),
  );
  const byTraits = [...traits.ofEvents.values()].flatMap(({ workspaceId, trait }) =>
    aggregatesOfTrait(trait).map(({ aggregate }) => ({ workspaceId, aggregate })),
  );
  const byRules = [...rules].flatMap(([key, strategy]) => {
    const { workspaceId } = parseScopedKey(key);
    return aggregatesOfRule(key, strategy).map((aggregate) => ({ workspaceId, aggregate }));
  });
  return [...byAudiences, ...byTraits, ...byRules];
}
