import type {
  AssignmentMessage,
  AudienceChangeMessage,
  MergedProfileMessage,
  ProfileMessage,
} from '@tributary/contracts';
import { profileIdOf } from '@tributary/kernel';
import type { Stage } from './stage.js';

/** What the platform has said so far about the people of this run; tells the stage what is new. */
export class Town {
  readonly #assigned = new Map<string, string>();
  readonly #profiles = new Map<string, ProfileMessage>();
  readonly #merged = new Map<string, string>();
  readonly #seenChanges = new Set<string>();
  readonly changes: AudienceChangeMessage[] = [];

  constructor(
    private readonly workspaceId: string,
    private readonly names: ReadonlyMap<string, string>,
    private readonly stage: Stage,
  ) {}

  /** The profile that holds an identifier; one never assigned is a profile of its own. */
  profileOf(identifier: string): string {
    return this.#assigned.get(identifier) ?? profileIdOf(this.workspaceId, identifier);
  }

  profile(profileId: string): ProfileMessage | undefined {
    return this.#merged.has(profileId) ? undefined : this.#profiles.get(profileId);
  }

  /** Whether someone is in the audience, by what was last said of the profile. */
  lastChange(identifier: string, audienceKey: string): AudienceChangeMessage | undefined {
    const profileId = this.profileOf(identifier);
    return this.changes.findLast((one) => one.profileId === profileId && one.audienceKey === audienceKey);
  }

  /** People and devices of a profile, as they are called. */
  whoIs(profileId: string): string {
    const who = [...this.names].filter(
      ([id]) => !id.startsWith('email:') && this.profileOf(id) === profileId,
    );
    return who.length > 0 ? listOf(who.map(([, name]) => name)) : 'nobody any more';
  }

  assigned(message: AssignmentMessage): void {
    const name = this.names.get(message.identifier);
    if (name === undefined || this.#assigned.get(message.identifier) === message.profileId) return;
    const before = this.profileOf(message.identifier);
    this.#assigned.set(message.identifier, message.profileId);
    const moved = before === message.profileId ? '' : `, until now ${short(before)}`;
    this.stage.line('identity', `${name} belongs to ${short(message.profileId)}${moved}`);
  }

  profiled(message: ProfileMessage): void {
    if (!message.identifiers.some((one) => this.names.has(`${one.namespace}:${one.value}`))) return;
    const before = this.#profiles.get(message.profileId);
    if (before && before.version >= message.version) return;
    this.#merged.delete(message.profileId);
    this.#profiles.set(message.profileId, message);
    if (before && sketch(before) === sketch(message)) return;
    this.stage.line('profile', `${short(message.profileId)} ${sketch(message)}`);
  }

  merged(message: MergedProfileMessage): void {
    if (!this.#profiles.has(message.profileId) || this.#merged.get(message.profileId) === message.mergedInto)
      return;
    this.#merged.set(message.profileId, message.mergedInto);
    this.stage.line('profile', `${short(message.profileId)} is merged into ${short(message.mergedInto)}`);
  }

  changed(message: AudienceChangeMessage, writtenAt: number): void {
    if (!message.identifiers.some((id) => this.names.has(id)) || this.#seenChanges.has(message.id)) return;
    this.#seenChanges.add(message.id);
    this.changes.push(message);
    const did = message.change === 'entered' ? 'enters' : 'leaves';
    const late = Math.max(0, writtenAt - Date.parse(message.at));
    this.stage.line(
      'audience',
      `${this.whoIs(message.profileId)} ${did} ${message.audienceKey}: ${CAUSES[message.cause] ?? message.cause}, said ${late} ms later`,
    );
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  event: 'an event came',
  time: 'the window passed',
  merge: 'profiles were merged',
  split: 'profiles were split',
  'back-fill': 'by what was there before',
  definition: 'the audience was changed',
};

/** A profile id as people can tell it from others. */
export function short(profileId: string): string {
  return `profile ${profileId.slice(0, 4)}`;
}

function sketch({ traits, identifiers, eventCount }: ProfileMessage): string {
  const name = typeof traits.name === 'string' ? `${traits.name}, ` : '';
  return `is ${name}${counted(identifiers.length, 'identifier')}, ${counted(eventCount, 'event')}`;
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
