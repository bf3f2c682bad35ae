import { parseScopedKey, scopedKey } from '@tributary/kernel';

const SEPARATOR = '·';

/** The key of a group of a fragment's facts; the separator, in a workspace or an identifier, is written `%C2%B7`, and `%` as `%25`. */
export function fragmentKey(
  workspaceId: string,
  profileId: string,
  identifier: string,
  group: string,
): string {
  return [escaped(scopedKey(workspaceId, profileId)), escaped(identifier), group].join(SEPARATOR);
}

/** Takes a fragment's key apart: removals have no value that would say it. */
export function parseFragmentKey(key: string) {
  const [scope = '', identifier = '', group = ''] = key.split(SEPARATOR);
  const { workspaceId, id: profileId } = parseScopedKey(unescaped(scope));
  return { workspaceId, profileId, identifier: unescaped(identifier), group };
}

function escaped(text: string): string {
  // Nearly all texts hold neither, and looking costs less than replacing nothing.
  if (!text.includes('%') && !text.includes(SEPARATOR)) return text;
  return text.replaceAll('%', '%25').replaceAll(SEPARATOR, '%C2%B7');
}

function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll('%C2%B7', SEPARATOR).replaceAll('%25', '%');
}

/** The key of an aggregate as a partition of the event log folds it. */
export function activeAggregateKey(workspaceId: string, aggregate: string, partition: number): string {
  return scopedKey(workspaceId, `${aggregate}/${partition}`);
}

/** The key of the record that the seeds of an aggregate are in, in a partition. */
export function seededKey(workspaceId: string, aggregate: string, partition: number): string {
  return scopedKey(workspaceId, `@seeded/${aggregate}/${partition}`);
}

/** The key of an account. */
export function accountKey(workspaceId: string, groupId: string): string {
  return scopedKey(workspaceId, `${GROUP}${groupId}`);
}

/** The group id in an account's identifier, `group_id:<groupId>`. */
export function groupIdOf(accountId: string): string {
  return accountId.slice(GROUP.length);
}

const GROUP = 'group_id:';

/** The key of the record that says which aggregates a partition of profiles tells accounts of. */
export function accountsToldKey(workspaceId: string, partition: number): string {
  return scopedKey(workspaceId, `@told/${partition}`);
}

/** What is asked of accounts: one, or a page of its people, those behind a profile in the order of their ids. */
export interface AccountRead {
  readonly account: string;
  readonly page?: { readonly after: string; readonly limit: number };
}

/** As the owner of the account is asked; its partition is that of `account`. */
export function accountReadKey({ account, page }: AccountRead): string {
  return [account, page?.after ?? '', page?.limit ?? ''].join(SEPARATOR);
}

/** Takes what is asked apart; a text that asks nothing is of the account that it names. */
export function parseAccountRead(key: string): AccountRead {
  const last = key.lastIndexOf(SEPARATOR);
  const first = key.lastIndexOf(SEPARATOR, last - 1);
  if (first < 0) return { account: key };
  const [account, after, limit] = [key.slice(0, first), key.slice(first + 1, last), key.slice(last + 1)];
  return limit === '' ? { account } : { account, page: { after, limit: Number(limit) } };
}

/** The key of a membership. */
export function membershipKey(workspaceId: string, audienceKey: string, profileId: string): string {
  return `${workspaceId}/${audienceKey}${SEPARATOR}${profileId}`;
}

/** Takes a membership's key apart. */
export function parseMembershipKey(key: string) {
  const { workspaceId, id } = parseScopedKey(key);
  const [audienceKey = '', ...profileId] = id.split(SEPARATOR);
  return { workspaceId, audienceKey, profileId: profileId.join(SEPARATOR) };
}

/** The key under which the owner of a partition of memberships and of changes claims it. */
export function epochKey(partition: number): string {
  return `${EPOCH_KEY}${partition}`;
}

/** Whether a key is an epoch record's. */
export function isEpochKey(key: string): boolean {
  return key.startsWith(EPOCH_KEY);
}

/** The key under which the owner of a memberships partition says how far it has told the changes. */
export function toldKey(partition: number): string {
  return `${TOLD_KEY}${partition}`;
}

/** Whether a record of memberships or changes is about the partition: no word on anybody, to be skipped. */
export function isPartitionKey(key: string): boolean {
  return isEpochKey(key) || isToldKey(key);
}

/** Whether a memberships key is that of how far the changes are told. */
export function isToldKey(key: string): boolean {
  return key.startsWith(TOLD_KEY);
}

const EPOCH_KEY = '@epoch/';
const TOLD_KEY = '@told/';

/** The key of the rules, in `control.identity-rules.v1` and in each partition of `identity.links.v1`. */
export const RULES_ID = 'rules';
export const RULES_COPY_ID = '@rules';

/** Names a pair that is kept apart, whichever of the two is said first. */
export function splitId(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}
