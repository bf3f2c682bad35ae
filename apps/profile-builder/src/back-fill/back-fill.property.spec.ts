import { describe, expect, it } from '@jest/globals';
import { knownOf, nameOf, type Aggregate, type FoldedAggregate } from '@tributary/audiences';
import { messageOf, TOPICS, type ActiveAggregateMessage, type FragmentMessage } from '@tributary/contracts';
import { ProcessorDriver, RefusedError, type Fed } from '@tributary/drivers';
import type { LogRecord, Logs } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { DrivenEventsTable } from '../../test/events-table.fixture.js';
import type { Unseeded } from '../fragments/active-aggregates.js';
import type { WantedAggregates } from '../fragments/aggregates-in-force.js';
import { FRAGMENTS } from '../fragments/fragments.module.js';
import type { FragmentsState } from '../fragments/aggregates-life.js';
import { BackFillPass } from './back-fill-pass.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 200,
  PROFILE_BUILDER_HOLD_MS: 2_000,
  PROFILE_BUILDER_SEEN_MS: 1_000,
};
const START = 1_700_000_000_000;
const people = ['user_id:a', 'user_id:b', 'user_id:c'];

const aggregateOf = (of: Omit<Aggregate, 'hash'>): Aggregate => ({ hash: nameOf(of), ...of });
const big = { kind: 'property', path: 'v', comparison: { op: '>=', value: 2 } } as const;
const v = { from: 'property', path: 'v' } as const;
const LATEST = aggregateOf({ call: 'track', name: 'E', kind: 'latest' });
const TOTAL = aggregateOf({ call: 'track', name: 'E', where: big, kind: 'total', value: v });
const VALUES = aggregateOf({ call: 'any', kind: 'values', value: v });

/** An event of somebody; the time is not that of the log, and some come twice, or with somebody else. */
interface Happening {
  readonly who: string;
  readonly at: number;
  readonly v: number;
  readonly event: 'E' | 'F';
  readonly isRepeated: boolean;
  readonly isTogether: boolean;
}
const happenings = fc.array(
  fc.record({
    who: fc.constantFrom(...people),
    at: fc.integer({ min: 0, max: 20 }),
    v: fc.integer({ min: 1, max: 3 }),
    event: fc.constantFrom<Happening['event'][]>('E', 'E', 'F'),
    isRepeated: fc.boolean(),
    isTogether: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

interface Step {
  readonly does: 'write' | 'poll' | 'define' | 'sow' | 'restart' | 'crash' | 'lose the disk' | 'wait';
  readonly n: number;
  /** After so many records or pages more the broker or ClickHouse goes away. */
  readonly room: number | undefined;
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom<Step['does'][]>(
      ...(['write', 'write', 'poll', 'poll', 'poll', 'define', 'define', 'sow', 'sow', 'wait'] as const),
      ...(['restart', 'crash', 'lose the disk'] as const),
    ),
    n: fc.integer({ min: 1, max: 3 }),
    room: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 3 }),
  }),
  { maxLength: 20 },
);

const idOf = (n: number) => `m${n}`;
const timeOf = ({ at }: Happening) => START + at * 1_000;

function toEvents(happening: Happening, n: number): readonly Fed[] {
  const at = toInstant(timeOf(happening));
  const receivedAt = toInstant(START + n);
  const others = people.filter((one) => one !== happening.who).slice(0, 1);
  const identifiers = [happening.who, ...(happening.isTogether ? others : [])];
  const event = {
    workspaceId: 'w',
    sourceId: 's',
    type: 'track',
    event: happening.event,
    messageId: idOf(n),
  };
  const record = {
    key: `w/${happening.who}`,
    value: JSON.stringify({
      ...event,
      ...{ identifiers, context: {}, properties: { v: happening.v }, timestamp: at, receivedAt },
    }),
    headers: {
      ...{ schema: 'event@1', messageId: idOf(n), receivedAt },
      identifiers: JSON.stringify(identifiers),
    },
  };
  return happening.isRepeated ? [record, record] : [record];
}

/** The processor, what sows for it, and all that it published, in order. */
class World {
  readonly definitions = new Map<string, WantedAggregates>();
  readonly published: LogRecord[] = [];
  driver!: ProcessorDriver<FragmentsState>;
  table = new DrivenEventsTable(() => this.driver);
  bound = 0;
  #lacking: readonly Unseeded[] = [];
  #send: Logs['send'] = () => Promise.resolve([]);
  #written = 0;

  constructor(readonly happenings: readonly Happening[]) {}

  async start(changelogEveryMs: number): Promise<void> {
    this.driver = await ProcessorDriver.declared(FRAGMENTS, {
      ...{ config, definitions: { all: this.definitions }, checkpointEveryMs: 0, changelogEveryMs },
      beside: {
        lacks: (_partition, unseeded, send) => {
          this.#lacking = unseeded;
          this.#send = send;
        },
      },
    });
  }

  async does({ does: what, n, room = Infinity }: Step): Promise<void> {
    if (what !== 'sow') this.driver.logs.refuseAfter(room);
    try {
      if (what === 'write') this.write(n);
      else if (what === 'define') await this.define(this.bound + (n === 1 ? 0 : 1));
      else if (what === 'sow') await this.sow(room);
      else await this.note(this.#step(what, n));
    } catch (error) {
      if (!(error instanceof RefusedError || String(error).includes('away'))) throw error;
    }
    this.driver.logs.refuseAfter(Infinity);
    if (what !== 'sow' && room < Infinity)
      await this.note(this.driver.crash({ disk: n === 3 ? 'lost' : 'kept' }));
  }

  #step(what: Step['does'], n: number): Promise<readonly LogRecord[]> {
    if (what === 'poll') return this.driver.poll(n);
    if (what === 'wait') return this.driver.advance(n * 900);
    if (what === 'restart') return this.driver.restart();
    return this.driver.crash({ disk: what === 'crash' ? 'kept' : 'lost' });
  }

  write(n: number): void {
    for (const one of this.happenings.slice(this.#written, this.#written + n))
      this.driver.logs.write(TOPICS.events, toEvents(one, this.happenings.indexOf(one)));
    this.#written = Math.min(this.happenings.length, this.#written + n);
  }

  async define(bound: number): Promise<void> {
    this.bound = Math.max(1, bound);
    const wanted = [
      { aggregate: LATEST, bound: this.bound },
      { aggregate: TOTAL, bound: 0 },
      { aggregate: VALUES, bound: 10 },
    ];
    this.definitions.set('w/x', { workspaceId: 'w', definitionHash: `of ${this.bound}`, wanted });
    await this.note(this.driver.redefined());
  }

  /** As one pass does, with a table that is as far as it has to be. */
  async sow(pages: number): Promise<void> {
    if (this.#lacking.length === 0) return;
    this.table.failAfter = pages;
    const pass = new BackFillPass(
      this.#lacking.map(({ workspaceId, aggregate, ...generation }) => {
        return { workspaceId, aggregate, partitions: new Map([[0, generation]]) };
      }),
      {
        clickhouse: this.table,
        send: this.#send,
        isAsked: () => true,
        paced: () => Promise.resolve(),
        onRows: () => undefined,
        signal: new AbortController().signal,
      },
    );
    await pass.run();
    this.table.failAfter = Infinity;
  }

  async note(step: Promise<readonly LogRecord[]>): Promise<void> {
    this.published.push(...(await step));
  }

  async toTheEnd(): Promise<void> {
    this.write(Infinity);
    await this.define(this.bound);
    for (let round = 0; round < 2; round += 1) {
      await this.note(this.driver.poll());
      await this.note(this.driver.advance(10_000));
      await this.sow(Infinity);
    }
    await this.note(this.driver.poll());
    await this.note(this.driver.advance(10_000));
  }
}

/** What an aggregate says of somebody, put plainly. */
function plainly(aggregate: Aggregate, bound: number, { entries }: FoldedAggregate['live']): unknown {
  if (aggregate.kind === 'latest') return entries.slice(0, bound).map(([, id]) => id);
  if (aggregate.kind === 'total') return entries.map(([count, , sum]) => [count, sum]);
  return Object.fromEntries(entries.map(([, value, count]) => [value, count]));
}

/** The same by counting, over all that ever happened. */
function counted(aggregate: Aggregate, bound: number, who: string, all: readonly Happening[]): unknown {
  const own = all.map((one, n) => ({ ...one, n })).filter((one) => one.who === who);
  const ofE = own.filter(({ event }) => event === 'E');
  if (aggregate.kind === 'latest') {
    const inOrder = [...ofE].sort((a, b) => b.at - a.at || b.n - a.n);
    return inOrder.slice(0, bound).map(({ n }) => idOf(n));
  }
  if (aggregate.kind === 'total') {
    const those = ofE.filter(({ v }) => v >= 2);
    return those.length === 0 ? [] : [[those.length, String(those.reduce((sum, { v }) => sum + v, 0))]];
  }
  const counts: Record<string, number> = {};
  for (const { v } of own) counts[v] = (counts[v] ?? 0) + 1;
  return counts;
}

const NOTHING = { live: { entries: [] } } as unknown as FoldedAggregate;

describe('an aggregate that begins after things happened', () => {
  it('comes to what counting over all of history does, in any life, and says that it is known no sooner', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, steps, fc.constantFrom(0, 30_000), async (all, life, changelogEveryMs) => {
        const world = new World(all);
        await world.start(changelogEveryMs);
        for (const step of life) await world.does(step);
        await world.toTheEnd();

        // As a reader of the topics has it, record after record.
        const facts = new Map<string, FoldedAggregate>();
        let known: ActiveAggregateMessage | undefined;
        for (const record of world.published) {
          if (record.topic === TOPICS.aggregates.name && record.value) {
            const said = messageOf(record) as ActiveAggregateMessage;
            if (said.aggregate === TOTAL.hash && said.known !== undefined) known = said;
          }
          if (record.topic === TOPICS.fragments.name && record.key.includes('aggregate/')) {
            const { identifier, facts: said } = messageOf(record) as FragmentMessage;
            for (const [fact, { value }] of Object.entries(said))
              facts.set(`${identifier} ${fact.slice('aggregate/'.length)}`, value as FoldedAggregate);
          }
          if (!known) continue;
          // From the moment on at which it is known, nobody's past is missing.
          for (const who of people) {
            const before = all.filter(
              (_, n) => world.driver.logs.records(TOPICS.events).findIndex(isOf(n)) < known!.offset,
            );
            const [least = 0] = (counted(TOTAL, 0, who, before) as number[][])[0] ?? [];
            const state = facts.get(`${who} ${TOTAL.hash}`) ?? NOTHING;
            const [[count = 0] = []] = plainly(TOTAL, 0, knownOf(TOTAL, state).part) as number[][];
            expect(count).toBeGreaterThanOrEqual(least);
          }
        }
        for (const [aggregate, bound] of [
          [LATEST, world.bound],
          [TOTAL, 0],
          [VALUES, 10],
        ] as const) {
          for (const who of people) {
            const state = facts.get(`${who} ${aggregate.hash}`) ?? NOTHING;
            const { part } = knownOf(aggregate, state);
            expect([who, plainly(aggregate, bound, part)]).toEqual([
              who,
              counted(aggregate, bound, who, all),
            ]);
          }
          const said = world.published.filter(({ key }) => key === `w/${aggregate.hash}/0`).at(-1);
          expect((messageOf(said!) as ActiveAggregateMessage).known).toBe(bound);
        }
        await world.driver.close();
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});

const isOf = (n: number) => (record: LogRecord) => record.headers.messageId === idOf(n);
