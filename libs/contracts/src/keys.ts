import { scopedKey } from '@tributary/kernel';

const SEPARATOR = '·';

/** The key of a fragment, and the text whose hash chooses its partition. */
export function fragmentKey(
  workspaceId: string,
  profileId: string,
  identifier: string,
  fact: string,
): string {
  return [scopedKey(workspaceId, profileId), identifier, fact].join(SEPARATOR);
}

/** Takes a fragment's key apart, for removals, which have no value. Profile ids bear no separator. */
export function parseFragmentKey(key: string) {
  const [scope = '', ...rest] = key.split(SEPARATOR);
  const slash = scope.indexOf('/');
  const factAt = rest.findIndex((part, i) => i > 0 && /^(@|trait\/|identifier\/|leaf\/)/.test(part));
  return {
    workspaceId: scope.slice(0, slash),
    profileId: scope.slice(slash + 1),
    identifier: rest.slice(0, factAt).join(SEPARATOR),
    fact: rest.slice(factAt).join(SEPARATOR),
  };
}

/** The key of a membership. */
export function membershipKey(workspaceId: string, audienceKey: string, profileId: string): string {
  return `${workspaceId}/${audienceKey}${SEPARATOR}${profileId}`;
}

/** The key under which the owner of a memberships partition claims it. */
export function claimKey(partition: number): string {
  return `${CLAIM}${partition}`;
}

/** Whether a memberships key is a claim's: no membership, to be skipped. */
export function isClaim(key: string): boolean {
  return key.startsWith(CLAIM);
}

const CLAIM = '@claim/';
