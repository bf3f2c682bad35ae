import { describe, expect, it } from '@jest/globals';
import type { AssignmentMessage, AudienceChangeMessage, ProfileMessage } from '@tributary/contracts';
import { profileIdOf } from '@tributary/kernel';
import { castOf, idOf } from './cast.js';
import { short, Town } from './town.js';

const cast = castOf('run');
const { ann } = cast.people;
const { phone } = cast.devices;
const home = profileIdOf('w', idOf(phone));

function scene() {
  const lines: string[] = [];
  const stage = { line: (tag: string, text: string) => void lines.push(`${tag}: ${text}`) };
  return { lines, town: new Town('w', cast.names, stage, () => 0) };
}
const assigned = (identifier: string, profileId: string) => ({ identifier, profileId }) as AssignmentMessage;
const profile = (version: number, eventCount: number) =>
  ({
    profileId: home,
    version,
    eventCount,
    identifiers: [{ namespace: 'anonymous_id', value: phone.anonymousId }],
  }) as ProfileMessage;
const entered = { id: '3/1', profileId: home, audienceKey: 'k', change: 'entered', cause: 'event' } as const;

describe('Town', () => {
  it('takes an identifier that was never assigned for a profile of its own', () => {
    expect(scene().town.profileOf(idOf(phone))).toBe(home);
  });

  it('tells where people end up, not where they were in between', () => {
    const { lines, town } = scene();
    town.assigned(assigned(idOf(ann), 'elsewhere'));
    town.assigned(assigned(idOf(ann), home));
    town.report();
    town.report();
    expect(lines).toEqual([`identity: Ann joins ${short(home)}`]);
  });

  it('tells of a profile when it has changed, and of no older version', () => {
    const { lines, town } = scene();
    town.profiled(profile(2, 5));
    town.profiled(profile(1, 4));
    town.report();
    expect(lines).toEqual([`profile: ${short(home)} of the phone: 1 identifier, 5 events`]);
  });

  it('tells a change of an audience once, however often it is said', () => {
    const { lines, town } = scene();
    const at = '2026-01-02T03:04:05.678Z';
    const change = { ...entered, at, identifiers: [idOf(phone)] } as unknown as AudienceChangeMessage;
    town.changed(change, Date.parse(at) + 7);
    town.changed(change, Date.parse(at) + 9);
    expect(lines).toEqual(['audience: the phone enters k: an event came; published 7 ms later']);
    expect(town.lastChange(idOf(phone), 'k')).toBe(change);
  });

  it('is silent about strangers', () => {
    const { lines, town } = scene();
    town.assigned(assigned('user_id:stranger', home));
    town.report();
    expect(lines).toEqual([]);
  });
});
