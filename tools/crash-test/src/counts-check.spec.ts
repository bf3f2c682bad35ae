import { describe, expect, it } from '@jest/globals';
import { checkProfiles, checkTable } from './counts-check.js';

describe('checkProfiles', () => {
  const profiles = [
    { profileId: 'a', version: 3, eventCount: 2 },
    { profileId: 'b', version: 9, mergedInto: 'a' },
    { profileId: 'c', version: 1, eventCount: 1 },
  ];

  it('adds up those that were not merged', () => {
    expect(checkProfiles(profiles, 3)).toEqual([]);
  });

  it('tells a count that differs', () => {
    expect(checkProfiles(profiles, 4)).toEqual(['profiles count 3 events and the log holds 4']);
  });
});

describe('checkTable', () => {
  it('wants each event of the log once and nothing else', () => {
    const log = new Map([
      ['a', 3],
      ['b', 1],
    ]);
    const once = new Map([
      ['a', 1],
      ['b', 1],
    ]);
    expect(checkTable(once, log)).toEqual([]);
    expect(
      checkTable(
        new Map([
          ['a', 2],
          ['c', 1],
        ]),
        log,
      ),
    ).toEqual(['not in the table: b', 'in the table alone: c', '2 times: a']);
  });
});
