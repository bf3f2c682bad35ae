import type { AudienceChangeMessage } from '@tributary/contracts';
import type { MembershipRecord } from './log.js';

/** What is wrong between the membership log and its projection, a line each. */
export function checkChanges(
  memberships: readonly MembershipRecord[],
  changes: readonly AudienceChangeMessage[],
): readonly string[] {
  const byId = new Map<string, AudienceChangeMessage>();
  const wrong: string[] = [];
  for (const change of changes) {
    const before = byId.get(change.id);
    if (before && JSON.stringify(before) !== JSON.stringify(change)) {
      wrong.push(`two different changes have the id ${change.id}`);
    }
    byId.set(change.id, change);
  }
  const valid = inForce(memberships);
  const validIds = new Set(valid.map(({ id }) => id));
  for (const { id, said } of valid) {
    const change = byId.get(id);
    if (!change) wrong.push(`membership ${id} has no change`);
    else if (change.profileId !== said?.profileId || (change.change === 'entered') !== said.member) {
      wrong.push(`change ${id} is not what its membership says`);
    }
  }
  // Changes that came after the memberships were read are not held against them.
  const read = new Set(memberships.map(({ id }) => id));
  for (const id of byId.keys()) {
    if (read.has(id) && !validIds.has(id)) wrong.push(`change ${id} has no membership that is in force`);
  }
  return [...wrong, ...saidTwice(valid)];
}

/** Without the epoch records, and without what an owner said after another's epoch record. */
function inForce(memberships: readonly MembershipRecord[]): readonly MembershipRecord[] {
  const epochs = new Map<number, number>();
  return memberships.filter(({ partition, offset, said }) => {
    if (!said) epochs.set(partition, offset);
    return said !== undefined && said.epoch >= (epochs.get(partition) ?? 0);
  });
}

/** Segmentation publishes only changes: entered and exited take turns, beginning with entered. */
function saidTwice(memberships: readonly MembershipRecord[]): readonly string[] {
  const members = new Map<string, boolean>();
  const wrong: string[] = [];
  for (const { id, said } of memberships) {
    if (!said) continue;
    const name = `${said.audienceKey} ${said.profileId}`;
    if ((members.get(name) ?? false) === said.member) {
      wrong.push(`membership ${id} says again that ${name} is ${said.member ? '' : 'not '}in`);
    }
    members.set(name, said.member);
  }
  return wrong;
}
