import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import {
  DEFAULT_RULES,
  IdentityRules,
  pairOf,
  Resolver,
  type Message,
  type ResolverState,
  type RulesDefinition,
} from '@tributary/identity';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { compareByDigest, profileIdOf, type Identifier } from '@tributary/kernel';
import { KeyedState, PartitionStore, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Split, RulesInForce } from '../control/identity-control.js';
import { toLinkRecord } from './records.js';
import { IDENTITY_STATE_FORMAT } from './state-format.js';
import { ResolverProcessor, type IdentityState } from './resolver.processor.js';

const LINKS = TOPICS.links.name;
const ME = 'user_id:u' as Identifier;
let dir: string;
let store: PartitionStore;

beforeEach(async () => {
  control.rules = [];
  control.splits = [];
  dir = await mkdtemp(join(tmpdir(), 'resolver-'));
  store = await PartitionStore.open(dir);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

/** What people decided, as the control topics have it. */
const control = {
  rules: [] as RulesInForce[],
  splits: [] as Split[],
  splitsAfter: (version: number) => control.splits.filter((split) => split.version > version),
};
let life = 0;
let state: KeyedState<IdentityState>;

/** A processor as it is after a start from the last checkpoint, which is the beginning unless `checkpoint` was called. */
function startProcessor(): ResolverProcessor {
  state = new KeyedState<IdentityState>(store, 10_000);
  life += 1;
  const now = life;
  return new ResolverProcessor(
    { partition: 0, state, store, tablesBehind: undefined, startOf: () => 0, wakeAt: () => undefined },
    { control, partitions: 1, reviewsPerSecond: 2_000, now: () => now, onRefused: () => undefined },
  );
}

async function checkpoint(processor: ResolverProcessor): Promise<void> {
  await store.commit(state.changes(), { offsets: {}, changelogOffset: 0, at: 0 }, (writer) => {
    processor.checkpoint(writer);
  });
  state.settle();
}

const record = (offset: number, message: Message): LogRecord => ({
  topic: LINKS,
  partition: 0,
  offset,
  key: `w/${message.to}`,
  value: Buffer.from(JSON.stringify({ workspaceId: 'w', ...message })),
  headers: { schema: 'link@1' },
  timestamp: 1_700_000_000_000,
});

const batch = (...records: readonly LogRecord[]): PartitionBatch => {
  const endOffset = (records.at(-1)?.offset ?? 0) + 1;
  return { topic: LINKS, partition: 0, records, endOffset, logEnd: endOffset };
};

const assignmentsIn = (phases: Phases) =>
  phases
    .flat()
    .filter(({ topic }) => topic === TOPICS.assignments.name)
    .map(({ value }) => JSON.parse(value?.toString() ?? '') as AssignmentMessage);

const [smaller = ME, greater = ME] = (['anonymous_id:a', 'anonymous_id:b'] as Identifier[]).sort(
  compareByDigest,
);
const answer = (offset: number, first: Identifier, leader: Identifier) =>
  record(offset, { kind: 'answer', to: ME, leader, at: offset, first, reason: 'linked', answered: [] });

describe('a processor that is killed after it published a profile, and reads more at once when it comes back', () => {
  it('still knows every profile that it published', () => {
    const [one, other] = [answer(0, greater, greater), answer(1, smaller, smaller)];
    const [published] = assignmentsIn(startProcessor().handle(batch(one)));
    const [last] = assignmentsIn(startProcessor().handle(batch(one, other)));
    expect(last?.formerly).toContain(published?.profileId);
    expect(last?.version).toBe(1);
  });

  it('takes back a profile that it published for a moment', () => {
    const scenario = [answer(0, ME, greater), answer(1, greater, greater), answer(2, ME, smaller)];
    const killed = startProcessor();
    const [, published] = scenario.flatMap((message) => assignmentsIn(killed.handle(batch(message))));
    const [last] = assignmentsIn(startProcessor().handle(batch(...scenario)));
    expect(last?.profileId).not.toBe(published?.profileId);
    expect(last?.formerly).toContain(published?.profileId);
    expect(last?.version).toBe(2);
  });
});

/** The log of the one partition there is, and a processor that reads it until nothing follows any more. */
class Log {
  readonly records: LogRecord[] = [];
  read = 0;

  append(phases: Phases): this {
    for (const { topic, key, value, headers = {} } of phases.flat()) {
      if (topic !== LINKS) continue;
      const place = { topic, partition: 0, offset: this.records.length, timestamp: 1_700_000_000_000 };
      this.records.push({ ...place, key, value: Buffer.from(value ?? ''), headers });
    }
    return this;
  }

  seen(a: Identifier, b: Identifier, firstSeen: number): this {
    const observation = (to: Identifier, partner: Identifier) =>
      toLinkRecord('w', { kind: 'seen', to, partner, firstSeen });
    return this.append([[observation(a, b), observation(b, a)]]);
  }

  /** Answers with the last profile of each identifier that was assigned one. */
  rest(processor: ResolverProcessor, profiles = new Map<string, string>()): ReadonlyMap<string, string> {
    for (;;) {
      const before = this.records.length;
      const phases = [
        ...(this.read < before ? processor.handle(batch(...this.records.slice(this.read, before))) : []),
        ...processor.wake(),
      ];
      this.read = before;
      for (const { identifier, profileId } of assignmentsIn(phases)) profiles.set(identifier, profileId);
      if (this.append(phases).records.length === before) return profiles;
    }
  }
}

const [A, B, C] = ['user_id:u', 'email:b@example.com', 'anonymous_id:c'] as Identifier[] as [
  Identifier,
  Identifier,
  Identifier,
];
const rulesWith = (user_id: Partial<RulesDefinition['namespaces'][string]>): RulesInForce['rules'] => {
  const { namespaces } = structuredClone(DEFAULT_RULES) as unknown as RulesInForce['rules'];
  const before = namespaces.user_id;
  return { namespaces: { ...namespaces, ...(before && { user_id: { ...before, ...(user_id as object) } }) } };
};

describe('a processor of which people decide something', () => {
  const scenario = () => new Log().seen(A, B, 1).seen(B, C, 2);

  it('keeps two apart whose split was there before it, and lets them go', () => {
    const log = scenario();
    control.splits = [{ workspaceId: 'w', pair: [A, B], apart: true, version: 0 }];
    const processor = startProcessor();
    log.append(processor.restored());
    const profiles = new Map(log.rest(processor));
    expect(profiles.get(A) ?? profileIdOf('w', A)).not.toBe(profiles.get(B));
    expect(profiles.get(B)).toBe(profiles.get(C));
    control.splits.push({ workspaceId: 'w', pair: [B, A], apart: false, version: 1 });
    log.append(processor.redefined());
    log.rest(processor, profiles);
    expect(new Set([A, B, C].map((z) => profiles.get(z))).size).toBe(1);
  });

  it('copies no split twice over a restart', async () => {
    control.splits = [{ workspaceId: 'w', pair: [A, B], apart: true, version: 7 }];
    const first = startProcessor();
    expect(first.restored().flat()).toHaveLength(2);
    await checkpoint(first);
    expect(startProcessor().restored().flat()).toEqual([]);
  });

  it('decides on everybody again by rules that come later, also after a restart in the middle', async () => {
    const log = scenario();
    const processor = startProcessor();
    const profiles = new Map(log.rest(processor));
    expect(new Set([A, B, C].map((z) => profiles.get(z))).size).toBe(1);
    await checkpoint(processor);
    control.rules = [{ workspaceId: 'w', version: 3, rules: rulesWith({ blocked: ['u'] }) }];
    log.append(processor.redefined());
    const records = log.records.slice(log.read);
    log.read += records.length;
    log.append(processor.handle(batch(...records)));
    await checkpoint(processor);
    const next = startProcessor();
    log.append(next.restored());
    log.rest(next, profiles);
    expect(profiles.get(A)).not.toBe(profiles.get(B));
    expect(profiles.get(B)).toBe(profiles.get(C));
  });

  it('applies to a record the rules that were in force at its place, when it reads it again', () => {
    const log = scenario();
    control.rules = [{ workspaceId: 'w', version: 3, rules: rulesWith({ blocked: ['u'] }) }];
    const processor = startProcessor();
    log.append(processor.redefined());
    log.seen(A, C, 3);
    const all = batch(...log.records);
    const published = processor.handle(all).flat();
    // As after a changelog that ran ahead: the rules are known from the beginning.
    const rules = state.textOf('w/@rules');
    const again = startProcessor();
    state.set(
      'w/@rules',
      (JSON.parse(rules ?? '') as { state: IdentityState }).state,
      LINKS,
      all.endOffset - 1,
    );
    expect(again.handle(all).flat()).toEqual(
      published.filter(({ value }) => !value?.toString().includes('"review"')),
    );
  });
});

describe('a state of the first format', () => {
  it('goes on as what it was', () => {
    const eligibility = { eligible: true, firstSeen: 1, endFirstSeen: 1, version: 4 };
    const [owner, other] = pairOf(A, B);
    const first = {
      firstSeen: 1,
      partners: { [other]: 1 },
      isSupernode: false,
      published: { [other]: { eligible: true, firstSeen: 1, endFirstSeen: 1 } },
      pending: {},
      through: 3,
      links: { [other]: { mine: eligibility, theirs: eligibility, wasEligible: true } },
      parent: owner,
      facts: {
        [`${owner}\n${other}`]: {
          pair: [owner, other],
          eligible: true,
          firstSeen: 1,
          endsFirstSeen: [1, 1],
          version: 5,
        },
      },
      open: [],
      answered: { [owner]: owner, [other]: owner },
      fresh: [`${owner}\n${other}`],
    };
    const migrated = IDENTITY_STATE_FORMAT.migrations[1]?.(first, `w/${owner}`) as ResolverState;
    const resolver = new Resolver({ rulesOf: () => new IdentityRules(DEFAULT_RULES) });
    const resolve: Message = { kind: 'resolve', to: owner };
    expect(resolver.apply(owner, migrated, resolve, { offset: 9, rules: -1 })).toHaveLength(2);
    const again: Message = { kind: 'seen', to: owner, partner: other, firstSeen: 1 };
    expect(resolver.apply(owner, migrated, again, { offset: 10, rules: -1 })).toEqual([]);
  });

  it('keeps a supernode a supernode, whatever the rules say', () => {
    const partners = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`user_id:${i}`, i]));
    const first = {
      firstSeen: 0,
      partners,
      isSupernode: true,
      published: {},
      pending: {},
      through: -1,
      links: {},
      parent: C,
    };
    const rest = { facts: {}, open: [], answered: {}, fresh: [] };
    const migrated = IDENTITY_STATE_FORMAT.migrations[1]?.({ ...first, ...rest }, `w/${C}`) as ResolverState;
    const wide = { ...DEFAULT_RULES.namespaces['*'], supernode: 100, limit: 100 };
    const rules = new IdentityRules({ namespaces: { '*': wide } } as never);
    const resolver = new Resolver({ rulesOf: () => rules });
    const said = resolver.apply(C, migrated, { kind: 'review', to: C }, { offset: 1, rules: 0 });
    expect(new Set(said.map((message) => 'refusal' in message && message.refusal))).toEqual(
      new Set(['too_many_partners']),
    );
  });
});
