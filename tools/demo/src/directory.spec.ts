import { describe, expect, it } from '@jest/globals';
import type { AssignmentMessage, AudienceChangeMessage, ProfileMessage } from '@tributary/contracts';
import { profileIdOf } from '@tributary/kernel';
import { castOf, idOf } from './cast.js';
import { short, Directory } from './directory.js';

const cast = castOf('run');
const { ann } = cast.people;
const { phone } = cast.devices;
const home = profileIdOf('w', idOf(phone));

function scene() {
  const lines: string[] = [];
  const terminal = { line: (tag: string, text: string) => void lines.push(`${tag}: ${text}`) };
  return { lines, directory: new Directory('w', cast.names, terminal, () => 0) };
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

describe('Directory', () => {
  it('takes an identifier that was never assigned for a profile of its own', () => {
    expect(scene().directory.profileOf(idOf(phone))).toBe(home);
  });

  it('tells where people end up, not where they were in between', () => {
    const { lines, directory } = scene();
    directory.assigned(assigned(idOf(ann), 'elsewhere'));
    directory.assigned(assigned(idOf(ann), home));
    directory.report();
    directory.report();
    expect(lines).toEqual([`identity: Ann joins ${short(home)}`]);
  });

  it('tells of a profile when it has changed, and of no older version', () => {
    const { lines, directory } = scene();
    directory.profiled(profile(2, 5));
    directory.profiled(profile(1, 4));
    directory.report();
    expect(lines).toEqual([`profile: ${short(home)} of the phone: 1 identifier, 5 events`]);
  });

  it('tells a change of an audience once, however often it is said', () => {
    const { lines, directory } = scene();
    const at = '2026-01-02T03:04:05.678Z';
    const change = { ...entered, at, identifiers: [idOf(phone)] } as unknown as AudienceChangeMessage;
    directory.changed(change, Date.parse(at) + 7);
    directory.changed(change, Date.parse(at) + 9);
    expect(lines).toEqual(['audience: the phone enters k: an event came; published 7 ms later']);
    expect(directory.lastChange(idOf(phone), 'k')).toBe(change);
  });

  it('is silent about strangers', () => {
    const { lines, directory } = scene();
    directory.assigned(assigned('user_id:stranger', home));
    directory.report();
    expect(lines).toEqual([]);
  });
});
