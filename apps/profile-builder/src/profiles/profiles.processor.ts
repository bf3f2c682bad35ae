import { readFragment, TOPICS } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { groupOfFact, parseScopedKey } from '@tributary/kernel';
import {
  applyFact,
  compareVersions,
  foldProfile,
  hasPast,
  mergedInto,
  saidOfFacts,
  type ProfileFragments,
  type VersionedFact,
} from '@tributary/profiles';
import type { PartitionContext, PartitionProcessor, Phases, TableWriter } from '@tributary/state';
import { Pace, type Rhythm } from '../pace.js';
import { toHeldRecord, toProfileBody, toProfileRecord, type ProfileBody } from './records.js';

export interface ProfileState {
  readonly fragments: ProfileFragments;
  /** The fragment's record by which the profile is what it is: published, or waiting for its turn. */
  cause?: { readonly offset: number; readonly timestamp: number };
}

const FRAGMENTS = TOPICS.fragments.name;

export interface ProfilesOptions {
  readonly rhythm: Rhythm;
  readonly now: () => number;
}

/** Folds the fragments of each profile into the profile; readers act at the end of a fetched batch. */
export class ProfilesProcessor implements PartitionProcessor {
  readonly #pace: Pace;

  constructor(
    private readonly context: PartitionContext<ProfileState>,
    private readonly options: ProfilesOptions,
  ) {
    this.#pace = new Pace(context.store, options.rhythm);
  }

  /** What waited at the checkpoint has waited long enough. */
  restored(): Phases {
    return [this.#pace.restore().flatMap((profile) => this.#publish(profile))];
  }

  /**
   * Many write fragments: a group whose last record in the log is older than what is held here, as after a writer that
   * woke too late, is written again, so that compaction does not keep the older one. Read again it is nothing new.
   */
  handle(batch: PartitionBatch): Phases {
    const last = new Map<string, LogRecord>();
    const buried = new Map<string, OutgoingRecord>();
    for (const record of batch.records) {
      const { profile, identifier, group, facts } = readFragment(record);
      const state = this.context.state.get(profile) ?? { fragments: {} };
      const said = saidOfFacts(state.fragments, identifier, group, facts);
      const isOlder = said.some(([fact, one]) => isBehind(one, state.fragments[identifier]?.[fact]));
      const changed = said.filter(([fact, one]) => applyFact(state.fragments, identifier, fact, one));
      buried.delete(record.key);
      if (isOlder) buried.set(record.key, toHeldRecord(record, heldOf(state.fragments, identifier, group)));
      if (changed.length === 0) continue;
      this.context.state.set(profile, state, FRAGMENTS, record.offset);
      if (changed.some(([fact]) => isShown(fact))) last.set(profile, record);
    }
    const now = this.options.now();
    const due = [...last].flatMap(([profile, { offset, timestamp }]) => {
      const state = this.context.state.get(profile);
      if (!state) return [];
      state.cause = { offset, timestamp };
      this.context.state.replace(profile, state);
      return this.#pace.isDue(profile, now) ? this.#publish(profile) : [];
    });
    this.#remind();
    return [[...buried.values(), ...due]];
  }

  wake(): Phases {
    const due = this.#pace.due(this.options.now());
    this.#remind();
    return [due.flatMap((profile) => this.#publish(profile))];
  }

  checkpoint(writer: TableWriter): void {
    this.#pace.checkpoint(writer);
  }

  /** As it would be published now, which may be some time after this. */
  read(profile: string): string | undefined {
    const { value, headers } = this.#publish(profile)[0] ?? {};
    return headers?.schema === 'empty-profile@1' ? undefined : value?.toString();
  }

  republish(_topic: string, profile: string): OutgoingRecord | undefined {
    return this.#publish(profile)[0];
  }

  /**
   * Also where it says what it said before: between the two it may have said something else, in a batch that another
   * owner read otherwise, and readers keep the highest version.
   */
  #publish(profile: string): readonly OutgoingRecord[] {
    const state = this.context.state.get(profile);
    const body = state && bodyOf(state.fragments);
    if (!body || !state.cause) return [];
    const { workspaceId, id } = parseScopedKey(profile);
    return [toProfileRecord(workspaceId, id, state.cause, body)];
  }

  #remind(): void {
    if (this.#pace.next < Infinity) this.context.wakeAt(this.#pace.next);
  }
}

function isBehind(said: VersionedFact | undefined, held: VersionedFact | undefined): boolean {
  return said !== undefined && held !== undefined && compareVersions(said.version, held.version) < 0;
}

/** What is held of a group. */
function heldOf(fragments: ProfileFragments, identifier: string, group: string) {
  const facts = Object.entries(fragments[identifier] ?? {});
  return Object.fromEntries(facts.filter(([fact]) => groupOfFact(fact) === group));
}

/** Whether a profile shows such a fact. */
function isShown(fact: string): boolean {
  return !fact.startsWith('aggregate/');
}

/** Where nobody has events there is nothing to say, unless it may have said something before. */
function bodyOf(fragments: ProfileFragments): ProfileBody | undefined {
  const profile = foldProfile(fragments);
  if (profile && profile.identifiers.length > 0) return toProfileBody(profile);
  if (profile) return hasPast(fragments) ? { empty: true } : undefined;
  const into = mergedInto(fragments);
  return into === undefined ? undefined : { mergedInto: into };
}
