import { isHigher, placeOfChange, type AudienceChangeMessage } from '@tributary/contracts';
import type { ToldMemberships } from './log.js';

/**
 * What is wrong between the memberships and the changes, a line each; both as a reader has them that heeds the rule, the
 * memberships read first. Each id is there once, and nothing is forgiven.
 */
export function checkChanges(
  { records: memberships, heard }: ToldMemberships,
  changes: readonly AudienceChangeMessage[],
): readonly string[] {
  const wrong: string[] = [];
  const byId = new Map<string, AudienceChangeMessage>();
  for (const change of changes) {
    if (byId.has(change.id)) wrong.push(`change ${change.id} is told again`);
    byId.set(change.id, change);
  }
  for (const { id, said } of memberships) {
    const change = byId.get(id);
    if (!change) wrong.push(`membership ${id} has no change`);
    else if (change.profileId !== said.profileId || (change.change === 'entered') !== said.member) {
      wrong.push(`change ${id} is not what its membership says`);
    }
  }
  const told = new Set(memberships.map(({ id }) => id));
  for (const id of byId.keys()) {
    // What came after the memberships were read is not held against them.
    const isLater = isHigher(placeOfChange(id), heard(Number(id.split('-', 1))));
    if (!told.has(id) && !isLater) wrong.push(`change ${id} has no membership that is in force`);
  }
  return [
    ...wrong,
    ...saidTwice(
      'membership',
      memberships.map(({ id, said }) => ({ ...said, id })),
    ),
    ...saidTwice(
      'change',
      changes.map((change) => ({ ...change, member: change.change === 'entered' })),
    ),
  ];
}

/** Segmentation publishes only changes: entered and exited take turns, beginning with entered. */
function saidTwice(
  what: string,
  told: readonly {
    readonly id: string;
    readonly audienceKey: string;
    readonly profileId: string;
    readonly member: boolean;
  }[],
): readonly string[] {
  const members = new Map<string, boolean>();
  const wrong: string[] = [];
  for (const { id, audienceKey, profileId, member } of told) {
    const name = `${audienceKey} ${profileId}`;
    if ((members.get(name) ?? false) === member)
      wrong.push(`${what} ${id} says again that ${name} is ${member ? '' : 'not '}in`);
    members.set(name, member);
  }
  return wrong;
}
