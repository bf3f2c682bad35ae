import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accountKey,
  accountReadKey,
  epochKey,
  fragmentKey,
  isEpochKey,
  isPartitionKey,
  membershipKey,
  parseAccountRead,
  parseFragmentKey,
  readFragment,
  toldKey,
} from './index.js';

const workspaces = fc.string({ minLength: 1 }).filter((text) => !/[/@]/.test(text));
const profiles = fc.uuid();
const values = fc.string({
  minLength: 1,
  unit: fc.constantFrom('a', '1', ':', '/', '·', '@', 'é', ' ', '%', '%C2%B7'),
});
const namespaces = fc.constantFrom('user_id', 'email', 'anonymous_id', 'device');
const identifiers = fc.tuple(namespaces, values).map(([namespace, value]) => `${namespace}:${value}`);
const groups = fc.oneof(
  fc.constantFrom('@', 'traits'),
  fc.stringMatching(/^[0-9a-f]{16}$/).map((hash) => `aggregate/${hash}`),
);
describe('parseFragmentKey', () => {
  it('takes every key apart again, separators in identifiers included', () => {
    fc.assert(
      fc.property(workspaces, profiles, identifiers, groups, (workspaceId, profileId, identifier, group) => {
        expect(parseFragmentKey(fragmentKey(workspaceId, profileId, identifier, group))).toEqual({
          workspaceId,
          profileId,
          identifier,
          group,
        });
      }),
    );
  });
});

describe('readFragment', () => {
  it('takes no part of an identifier for a group', () => {
    const key = fragmentKey('w', 'p', 'user_id:x·traits', '@');
    expect(readFragment({ key, value: null })).toEqual({
      workspaceId: 'w',
      profileId: 'p',
      profile: 'w/p',
      identifier: 'user_id:x·traits',
      group: '@',
      facts: undefined,
    });
  });
});

describe('epoch records', () => {
  it('are distinguished from memberships, whatever workspace, audience and partition', () => {
    fc.assert(
      fc.property(workspaces, values, profiles, fc.nat(), (workspaceId, audience, profileId, partition) => {
        expect(isEpochKey(epochKey(partition))).toBe(true);
        expect([epochKey(partition), toldKey(partition)].every(isPartitionKey)).toBe(true);
        expect(isPartitionKey(membershipKey(workspaceId, audience, profileId))).toBe(false);
      }),
    );
  });
});

describe('parseAccountRead', () => {
  it('takes what is asked of an account apart again, whatever its id looks like', () => {
    const pages = fc.option(fc.record({ after: profiles, limit: fc.integer({ min: 1, max: 1_001 }) }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(workspaces, values, pages, (workspaceId, groupId, page) => {
        const read = { account: accountKey(workspaceId, groupId), ...(page && { page }) };
        expect(parseAccountRead(accountReadKey(read))).toEqual(read);
      }),
    );
  });
});
