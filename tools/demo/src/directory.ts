import type {
  AssignmentMessage,
  AudienceChangeMessage,
  EmptyProfileMessage,
  MergedProfileMessage,
  ProfileMessage,
} from '@tributary/contracts';
import { profileIdOf } from '@tributary/kernel';
import type { Terminal } from './terminal.js';

/**
 * What the platform has said so far about the people of this run. A {@link report} tells the terminal what is new since
 * the last one, so that steps in between, which last for some milliseconds, do not hide what came of them.
 */
export class Directory {
  readonly #assigned = new Map<string, string>();
  readonly #profiles = new Map<string, ProfileMessage>();
  readonly #mergedInto = new Map<string, string>();
  readonly #publishedAttachments = new Map<string, string>();
  readonly #publishedProfiles = new Map<string, string>();
  readonly #changes = new Map<string, AudienceChangeMessage>();
  #lastNewsAt = 0;

  constructor(
    private readonly workspaceId: string,
    private readonly names: ReadonlyMap<string, string>,
    private readonly terminal: Pick<Terminal, 'line'>,
    private readonly now: () => number,
  ) {}

  /** Milliseconds since the platform last said something of these people. */
  get quietMs(): number {
    return this.now() - this.#lastNewsAt;
  }

  /** The profile that holds an identifier; one never assigned is a profile of its own. */
  profileOf(identifier: string): string {
    return this.#assigned.get(identifier) ?? profileIdOf(this.workspaceId, identifier);
  }

  profile(profileId: string): ProfileMessage | undefined {
    return this.#mergedInto.has(profileId) ? undefined : this.#profiles.get(profileId);
  }

  /** The last change of someone in an audience. */
  lastChange(identifier: string, audienceKey: string): AudienceChangeMessage | undefined {
    const profileId = this.profileOf(identifier);
    return [...this.#changes.values()].findLast(
      (one) => one.profileId === profileId && one.audienceKey === audienceKey,
    );
  }

  /** People and devices of a profile, as they are called. */
  whoIs(profileId: string): string {
    const here = [...this.names].filter(([id]) => this.profileOf(id) === profileId);
    const named = (namespace: string) =>
      here.filter(([id]) => id.startsWith(`${namespace}:`)).map(([, name]) => name);
    const people = listOf(named('user_id'));
    const devices = listOf(named('anonymous_id'));
    if (people === '') return devices === '' ? 'nobody' : devices;
    return devices === '' ? people : `${people} with ${devices}`;
  }

  assigned({ identifier, profileId }: AssignmentMessage): void {
    if (!this.names.has(identifier)) return;
    this.#lastNewsAt = this.now();
    this.#assigned.set(identifier, profileId);
  }

  profiled(message: ProfileMessage): void {
    if (!message.identifiers.some((one) => this.names.has(`${one.namespace}:${one.value}`))) return;
    const before = this.#profiles.get(message.profileId);
    if (before && before.version >= message.version) return;
    this.#lastNewsAt = this.now();
    this.#mergedInto.delete(message.profileId);
    this.#profiles.set(message.profileId, message);
  }

  merged({ profileId, mergedInto }: MergedProfileMessage): void {
    if (!this.#profiles.has(profileId)) return;
    this.#lastNewsAt = this.now();
    this.#mergedInto.set(profileId, mergedInto);
  }

  emptied({ profileId }: EmptyProfileMessage): void {
    if (this.#profiles.delete(profileId)) this.#lastNewsAt = this.now();
  }

  /** Shown at once; a change that is repeated has the same id and is shown once. */
  changed(message: AudienceChangeMessage, writtenAt: number): void {
    if (!message.identifiers.some((id) => this.names.has(id)) || this.#changes.has(message.id)) return;
    this.#lastNewsAt = this.now();
    this.#changes.set(message.id, message);
    this.report();
    const did = message.change === 'entered' ? 'enters' : 'leaves';
    const late = Math.max(0, writtenAt - Date.parse(message.at));
    const why = CAUSES[message.cause] ?? message.cause;
    const who = this.whoIs(message.profileId);
    this.terminal.line(
      'audience',
      `${who} ${did} ${message.audienceKey}: ${why}; published ${late} ms later`,
    );
  }

  report(): void {
    this.#reportMoves();
    for (const [profileId, profile] of this.#profiles) {
      const into = this.#mergedInto.get(profileId);
      const told =
        into === undefined
          ? `${short(profileId)} of ${this.whoIs(profileId)}: ${sketch(profile)}`
          : `${short(profileId)} is merged into ${short(into)}`;
      if (this.#publishedProfiles.get(profileId) === told) continue;
      this.#publishedProfiles.set(profileId, told);
      this.terminal.line('profile', told);
    }
  }

  #reportMoves(): void {
    const arrivals = new Map<string, string[]>();
    for (const [identifier, name] of this.names) {
      const home = this.profileOf(identifier);
      const told = this.#publishedAttachments.get(identifier) ?? profileIdOf(this.workspaceId, identifier);
      if (home === told) continue;
      this.#publishedAttachments.set(identifier, home);
      arrivals.set(home, [...(arrivals.get(home) ?? []), name]);
    }
    for (const [home, names] of arrivals) {
      this.terminal.line(
        'identity',
        `${listOf(names)} ${names.length === 1 ? 'joins' : 'join'} ${short(home)}`,
      );
    }
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

/** A profile id as people can distinguish it from others. */
export function short(profileId: string): string {
  return `profile ${profileId.slice(0, 4)}`;
}

function sketch({ identifiers, eventCount }: ProfileMessage): string {
  return `${counted(identifiers.length, 'identifier')}, ${counted(eventCount, 'event')}`;
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
