import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, TOPICS, type AssignmentMessage, type Topic } from '@tributary/contracts';
import { identifier } from '@tributary/kernel';
import { Platform } from '../test/platform.fixture.js';

const PEOPLE = 20;
const TOPICS_OF_IDENTITY = {
  links: TOPICS.links,
  assignments: TOPICS.assignments,
  observations: TOPICS.observationsState,
};

const person = (n: number, ...namespaces: readonly string[]) =>
  namespaces.map((namespace) => identifier(namespace, `person-${n}`));
let platform: Platform;

beforeEach(async () => {
  platform = await Platform.start(8);
});
afterEach(() => platform.close());

const counted = <T>(of: (topic: Topic) => T) =>
  Object.fromEntries(Object.entries(TOPICS_OF_IDENTITY).map(([name, topic]) => [name, of(topic)]));

/** The most that an event of each kind wrote, of people whose digests fall in all manner of orders. */
async function mostOf(before: readonly string[], namespaces: readonly string[]) {
  const most: Record<string, number> = {};
  for (let n = 1; n <= PEOPLE; n += 1) {
    platform.write(person(n, ...before));
    await platform.settle();
    await platform.checkpoint();
    const present = counted((topic) => platform.records(topic).length);
    platform.write(person(n, ...namespaces));
    await platform.settle();
    await platform.checkpoint();
    for (const [name, count] of Object.entries(counted((topic) => platform.records(topic).length)))
      most[name] = Math.max(most[name] ?? 0, count - (present[name] ?? 0));
  }
  return most;
}

const profilesOf = (n: number) =>
  new Set(
    platform
      .records(TOPICS.assignments)
      .map((record) => messageOf(record) as AssignmentMessage)
      .filter((assignment) => assignment.identifier.endsWith(`:person-${n}`))
      .map(({ profileId }) => profileId),
  );

describe('an event whose identifiers become one person', () => {
  it('writes seven records of links at most where a visitor becomes a user with an address', async () => {
    const most = await mostOf(['anonymous_id'], ['user_id', 'email', 'anonymous_id']);
    expect(most).toEqual({ links: 7, assignments: 3, observations: 1 });
    expect(profilesOf(7).size).toBe(1);
  });

  it('writes two a head, and one, where there are six', async () => {
    const six = ['user_id', 'email', 'phone', 'anonymous_id', 'ios.idfa', 'crm'];
    const most = await mostOf(['anonymous_id'], six);
    expect(most).toEqual({ links: 13, assignments: 6, observations: 1 });
    expect(profilesOf(7).size).toBe(1);
  });

  it('writes nothing for a second one of the same identifiers, in whatever order they are named', async () => {
    const most = await mostOf(['user_id', 'email', 'anonymous_id'], ['user_id', 'anonymous_id', 'email']);
    expect(most).toEqual({ links: 0, assignments: 0, observations: 0 });
  });

  it('says all that was decided, on each link by both its ends', async () => {
    platform.write(person(1, 'user_id', 'email', 'anonymous_id'));
    await platform.settle();
    const said = platform.records(TOPICS.links).flatMap((record) => {
      const message = messageOf(record);
      return (message as { said?: { end: string; links: [string][] }[] }).said ?? [];
    });
    const decided = said.flatMap(({ end, links }) => links.map(([other]) => `${end} ${other}`));
    const all = person(1, 'user_id', 'email', 'anonymous_id');
    const expected = all.flatMap((end) => all.filter((z) => z !== end).map((other) => `${end} ${other}`));
    expect([...decided].sort()).toEqual([...expected].sort());
  });
});
