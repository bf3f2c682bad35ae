import { reason, type Reason } from './errors.js';
import { LIMITS, type Event } from './event.js';
import type { Flag } from './flags.js';

/** Adds a reason for each field that a call of this type needs and does not have; `flags` are those of the call. */
export function requiredFields(event: Readonly<Event>, flags: readonly Flag[], reasons: Reason[]): void {
  if (event.type === 'track' && event.event === undefined && !isNamed(reasons, 'event')) {
    reasons.push(reason('missing_event_name', 'event', 'a track call names its event'));
  }
  if (event.type === 'group' && event.groupId === undefined && !isNamed(reasons, 'groupId')) {
    reasons.push(reason('missing_group_id', 'groupId', 'a group call names its group'));
  }
  if (event.type === 'alias') aliasFields(event, reasons);
  if (event.identifiers.length === 0) reasons.push(nobodyNamed(event, flags));
}

function nobodyNamed(event: Readonly<Event>, flags: readonly Flag[]): Reason {
  const tooLong = flags.find(({ code }) => code === 'identifier_too_long');
  if (tooLong) {
    const message = `longer than ${LIMITS.identifierBytes} bytes, and nothing else names somebody`;
    return reason('identifier_too_long', tooLong.field, message);
  }
  const field = event.userId === undefined ? 'anonymousId' : 'userId';
  return reason('no_identifier', field, 'needs a userId or an anonymousId that names somebody');
}

function aliasFields(event: Readonly<Event>, reasons: Reason[]): void {
  if (event.userId === undefined && !isNamed(reasons, 'userId')) {
    reasons.push(reason('missing_user_id', 'userId', 'an alias call names the user'));
  }
  if (event.previousId === undefined && !isNamed(reasons, 'previousId')) {
    reasons.push(reason('missing_previous_id', 'previousId', 'an alias call names the previous id'));
  }
}

function isNamed(reasons: readonly Reason[], field: string): boolean {
  return reasons.some((one) => one.field === field);
}
