import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS, type AssignmentMessage } from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import { DEFAULT_RULES, observationsOf, type Message, type RulesDefinition } from '@tributary/identity';
import type { LogRecord } from '@tributary/kafka';
import { compareByDigest, profileIdOf, type Identifier } from '@tributary/kernel';
import type { Split, RulesInForce } from '../control/identity-control.js';
import { toLinkRecord } from './step-records.js';
import { RESOLVER } from './resolver.module.js';
import { IDENTITY_STATE_FORMAT } from './state-format.js';
import type { IdentityState } from './resolver.processor.js';

const ME = 'user_id:u' as Identifier;
const config = { IDENTITY_CACHE_BYTES: 10_000, IDENTITY_REVIEWS_PER_SECOND: 2_000, KAFKA_PARTITIONS: 1 };
let driver: ProcessorDriver<IdentityState>;

/** What people decided, as the control topics have it. */
const control = {
  rules: [] as RulesInForce[],
  splits: [] as Split[],
  splitsAfter: (version: number) => control.splits.filter((split) => split.version > version),
};
const start = async () => {
  driver = await ProcessorDriver.declared(RESOLVER, { config, definitions: control });
};

beforeEach(() => {
  control.rules = [];
  control.splits = [];
});
afterEach(() => driver.close());

const links = (messages: readonly Message[]) => messages.map((message) => toLinkRecord('w', message));
const feed = (...messages: readonly Message[]) => driver.feed(TOPICS.links, links(messages));
const assignmentsIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.assignments.name)
    .map((record) => messageOf(record) as AssignmentMessage);

const [smaller = ME, greater = ME] = (['anonymous_id:a', 'anonymous_id:b'] as Identifier[]).sort(
  compareByDigest,
);
const answer = (at: number, first: Identifier, leader: Identifier): Message => ({
  ...{ kind: 'answer', to: ME, leader, at, first, reason: 'linked', answered: [] },
});

describe('a processor that is killed after it published a profile, and reads more at once when it comes back', () => {
  beforeEach(start);

  it('still knows every profile that it published', async () => {
    const [published] = assignmentsIn(await feed(answer(0, greater, greater)));
    await driver.crash();
    const [last] = assignmentsIn(await feed(answer(1, smaller, smaller)));
    expect(last?.formerly).toContain(published?.profileId);
    expect(last?.version).toBe(1);
  });

  it('takes back a profile that it published for a moment', async () => {
    await feed(answer(0, ME, greater));
    const [published] = assignmentsIn(await feed(answer(1, greater, greater)));
    await driver.crash();
    const [last] = assignmentsIn(await feed(answer(2, ME, smaller)));
    expect(last?.profileId).not.toBe(published?.profileId);
    expect(last?.formerly).toContain(published?.profileId);
    expect(last?.version).toBe(2);
  });
});

const [A, B, C] = ['user_id:u', 'email:b@example.com', 'anonymous_id:c'] as Identifier[] as [
  Identifier,
  Identifier,
  Identifier,
];
const seen = (a: Identifier, b: Identifier, firstSeen: number): readonly Message[] => {
  const { observation } = observationsOf(undefined, [a, b], firstSeen, 0);
  return observation ? [observation] : [];
};
const scenario = [...seen(A, B, 1), ...seen(B, C, 2)];

/** Lets it read what it writes itself until nothing follows any more; answers with the last profile of each identifier. */
async function settled(): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const outputs = [...(await driver.poll()), ...(await driver.advance(50))];
    if (outputs.length === 0) break;
  }
  const assignments = driver
    .outputs(TOPICS.assignments)
    .map((record) => messageOf(record) as AssignmentMessage);
  return new Map(assignments.map(({ identifier, profileId }) => [identifier, profileId]));
}

const rulesWith = (user_id: Partial<RulesDefinition['namespaces'][string]>): RulesInForce['rules'] => {
  const { namespaces } = structuredClone(DEFAULT_RULES) as unknown as RulesInForce['rules'];
  const before = namespaces.user_id;
  return { namespaces: { ...namespaces, ...(before && { user_id: { ...before, ...(user_id as object) } }) } };
};

describe('a processor of which people decide something', () => {
  it('keeps two apart whose split was there before it, and lets them go', async () => {
    control.splits = [{ workspaceId: 'w', pair: [A, B], apart: true, version: 0 }];
    await start();
    await feed(...scenario);
    const apart = await settled();
    expect(apart.get(A) ?? profileIdOf('w', A)).not.toBe(apart.get(B));
    expect(apart.get(B)).toBe(apart.get(C));
    control.splits.push({ workspaceId: 'w', pair: [B, A], apart: false, version: 1 });
    await driver.redefined();
    const profiles = await settled();
    expect(new Set([A, B, C].map((z) => profiles.get(z))).size).toBe(1);
  });

  it('copies no split twice over a restart', async () => {
    control.splits = [{ workspaceId: 'w', pair: [A, B], apart: true, version: 7 }];
    await start();
    expect(driver.outputs(TOPICS.links)).toHaveLength(2);
    await settled();
    expect(await driver.restart()).toEqual([]);
    expect(driver.outputs(TOPICS.links).filter(({ headers }) => headers.kind === 'split')).toHaveLength(2);
  });

  it('decides on everybody again by rules that come later, also after a restart in the middle', async () => {
    await start();
    await feed(...scenario);
    const before = await settled();
    expect(new Set([A, B, C].map((z) => before.get(z))).size).toBe(1);
    control.rules = [{ workspaceId: 'w', version: 3, rules: rulesWith({ blocked: ['u'] }) }];
    await driver.redefined();
    await driver.poll();
    await driver.restart();
    const profiles = await settled();
    expect(profiles.get(A)).not.toBe(profiles.get(B));
    expect(profiles.get(B)).toBe(profiles.get(C));
  });

  it('applies to a record the rules that were in force at its place, when it reads it again', async () => {
    await start();
    driver.logs.write(TOPICS.links, links(scenario));
    control.rules = [{ workspaceId: 'w', version: 3, rules: rulesWith({ blocked: ['u'] }) }];
    await driver.redefined();
    driver.logs.write(TOPICS.links, links(seen(A, C, 3)));
    const count = driver.logs.records(TOPICS.links).length;
    const said = (outputs: readonly LogRecord[]) =>
      outputs.map(({ topic, key, headers, value }) => ({ topic, key, headers, value: String(value) }));
    const published = said(await driver.poll());
    // As after a changelog that ran ahead: the rules are known from the beginning.
    const rules = driver.state.get('w/@rules');
    const offsets = { [TOPICS.links.name]: driver.state.lastFolded('w/@rules', TOPICS.links.name) + 1 };
    const value = JSON.stringify({ workspaceId: '@', offsets, state: rules });
    driver.logs.write(TOPICS.resolverState, [
      {
        key: 'w/@rules',
        value,
        headers: { schema: 'state@1', epoch: '0', format: String(IDENTITY_STATE_FORMAT.version) },
      },
    ]);
    await driver.crash();
    expect(driver.state.get('w/@rules')).toEqual(rules);
    expect(said(await driver.poll(count))).toEqual(
      published.filter(({ value }) => !value.includes('"review"')),
    );
  });
});
