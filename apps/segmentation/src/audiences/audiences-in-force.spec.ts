import { describe, expect, it } from '@jest/globals';
import { parseQuery, parseTrait, printQuery } from '@tributary/audiences';
import { resolvedAudiences, type Audience } from './audiences-in-force.js';
import type { NamedTrait } from './named-traits.js';

function written(key: string, query: string, definedAt: number) {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const audience = { workspaceId: 'w', key, definition: parsed.value, definitionHash: query, definedAt };
  return [`w/${key}`, audience] as const;
}

function trait(key: string, query: string, of: NamedTrait['of'], definedAt: number) {
  const parsed = parseTrait(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return [`w/${key}`, { trait: parsed.value, of, definitionHash: query, definedAt }] as const;
}

const shown = (all: ReadonlyMap<string, Audience>) =>
  [...all.values()].map(({ key, definition, definedAt }) => [key, printQuery(definition), definedAt]);
const nothing = new Map<string, Audience>();

describe('the audiences in force', () => {
  const outer = written('outer', "NOT (audience('inner')) AND trait('spent') > 5", 1);
  const inner = written('inner', "event('A').count() >= 1", 7);
  const spent = trait('spent', "event('B').sum(property('x'))", 'people', 3);

  it('have what they name in its place, as of when the last of it was defined', () => {
    expect(shown(resolvedAudiences(new Map([outer, inner]), new Map([spent]), nothing))).toEqual([
      ['outer', "NOT (event('A').count() >= 1) AND event('B').sum(property('x')) > 5", 7],
      ['inner', "event('A').count() >= 1", 7],
    ]);
  });

  it('depend on what is read of what they name, and change with it', () => {
    const [before] = resolvedAudiences(new Map([outer, inner]), new Map([spent]), nothing).values();
    const other = written('inner', "event('A').count() >= 2", 9);
    const [after] = resolvedAudiences(new Map([outer, other]), new Map([spent]), nothing).values();
    expect(before?.facts.size).toBe(3);
    expect(after?.definitionHash).not.toBe(before?.definitionHash);
  });

  it('stay as they were while what they name is not there, and come when it is', () => {
    const whole = resolvedAudiences(new Map([outer, inner]), new Map([spent]), nothing);
    const less = resolvedAudiences(new Map([outer]), new Map([spent]), whole);
    expect([...less.values()]).toEqual([whole.get('w/outer')]);
    expect(resolvedAudiences(new Map([outer]), new Map([spent]), nothing).size).toBe(0);
  });

  it('read a customer’s trait where the computed one is of accounts, or a score', () => {
    const read = (query: string, of: NamedTrait['of']) =>
      shown(
        resolvedAudiences(
          new Map([written('a', "trait('t') > 5", 1)]),
          new Map([trait('t', query, of, 3)]),
          nothing,
        ),
      );
    expect(read("event('B').count()", 'accounts')).toEqual([['a', "trait('t') > 5", 1]]);
    expect(read("trait('x').score(5)", 'people')).toEqual([['a', "trait('t') > 5", 1]]);
  });
});
