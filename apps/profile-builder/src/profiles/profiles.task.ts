import { readFragment, TOPICS } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { digest, parseScopedKey } from '@tributary/kernel';
import { applyFact, foldProfile, mergedInto, type ProfileFragments } from '@tributary/profiles';
import type { PartitionContext, PartitionTask, Phases } from '@tributary/state';
import { toProfileBody, toProfileRecord, type ProfileBody } from './mapping.js';

export interface ProfileState {
  readonly fragments: ProfileFragments;
  /** The digest of what was last published of it. */
  published: string;
}

const FRAGMENTS = TOPICS.fragments.name;

/** Folds the fragments of each profile into the profile; readers act at the end of a fetched batch. */
export class ProfilesTask implements PartitionTask {
  constructor(private readonly context: PartitionContext<ProfileState>) {}

  handle(batch: PartitionBatch): Phases {
    const last = new Map<string, LogRecord>();
    for (const record of batch.records) {
      const { profile, identifier, fact, told } = readFragment(record);
      const state = this.context.state.get(profile) ?? { fragments: {}, published: '' };
      if (!applyFact(state.fragments, identifier, fact, told)) continue;
      this.context.state.set(profile, state, FRAGMENTS, record.offset);
      last.set(profile, record);
    }
    return [[...last].flatMap(([profile, record]) => this.#publish(profile, record))];
  }

  #publish(profile: string, cause: LogRecord): readonly OutgoingRecord[] {
    const state = this.context.state.get(profile);
    const body = state && bodyOf(state.fragments);
    if (!body) return [];
    const text = JSON.stringify(body);
    const published = digest(text);
    if (published === state.published) return [];
    state.published = published;
    this.context.state.replace(profile, state);
    const { workspaceId, id } = parseScopedKey(profile);
    return [toProfileRecord(workspaceId, id, cause, { body, text })];
  }
}

function bodyOf(fragments: ProfileFragments): ProfileBody | undefined {
  const profile = foldProfile(fragments);
  if (profile) return profile.identifiers.length > 0 ? toProfileBody(profile) : undefined;
  const into = mergedInto(fragments);
  return into === undefined ? undefined : { mergedInto: into };
}
