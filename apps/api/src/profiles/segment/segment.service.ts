import { Injectable } from '@nestjs/common';
import type { ProfileMessage } from '@tributary/contracts';
import { failed, namespaceOf, ok, valueOf, type Identifier, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import { ClickHouseTimeline, type PlacedEvent } from '../clickhouse.timeline.js';
import { parsed, type HeldProfile } from '../held-profile.js';
import { ProfilesService } from '../profiles.service.js';
import { after, partIn, partOf, type Part } from './segment-page.js';
import type {
  ExternalId,
  ExternalIdsQuery,
  Links,
  Metadata,
  ProfilePath,
  SegmentEvent,
  SegmentEventsQuery,
  SegmentPage,
  TraitsQuery,
} from './segment.dto.js';

/** An answer, and the profile that it is about. */
export interface About<T> {
  readonly held: HeldProfile;
  readonly answer: T;
}

type Answered<T> = Promise<Result<About<T>, ApiFailure>>;

interface Trait {
  readonly name: string;
  readonly value: unknown;
  readonly source_id: string;
  readonly updated_at: string;
}

const NOT_FOUND: ApiFailure = { code: 'profile_not_found', message: 'Profile was not found.' };
const NONE: ReadonlySet<string> = new Set();

/** The profiles of users in the shapes of Segment's Profile API. */
@Injectable()
export class SegmentService {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly timeline: ClickHouseTimeline,
  ) {}

  async traits(path: ProfilePath, query: TraitsQuery): Answered<object> {
    return this.#about(path, async (held) => {
      const wanted = namesIn(query.include);
      const all = (await this.#traitsOf(held, query.class)).filter(({ name }) => isWanted(wanted, name));
      const scope = scopeOf(path, 'traits', query);
      const part = partIn(all, query, scope, ({ name }) => name);
      if (!part.ok) return part;
      const { items, cursor } = part.value;
      const shown = items.map(({ name, value, ...rest }) => [
        name,
        query.verbose === 'true' ? { value, ...rest } : value,
      ]);
      return ok({ traits: Object.fromEntries(shown) as object, cursor });
    });
  }

  async externalIds(path: ProfilePath, query: ExternalIdsQuery): Answered<object> {
    return this.#about(path, (held) => {
      const wanted = namesIn(query.include);
      const ids = parsed(held).identifiers.map(({ namespace, value, firstSeenAt }) => ({
        ...externalId(namespace, value),
        created_at: firstSeenAt,
      }));
      const all = ids.filter(({ type }) => isWanted(wanted, type));
      const scope = scopeOf(path, 'external_ids', query);
      return dataOf(partIn(all, query, scope, ({ type, id }) => `${type}:${id}`));
    });
  }

  async events(path: ProfilePath, query: SegmentEventsQuery): Answered<object> {
    return this.#about(path, async ({ profileId }) => {
      const scope = scopeOf(path, 'events', query);
      const from = after(query, scope);
      if (!from.ok) return from;
      const { limit, start, end, sort } = query;
      const events = await this.timeline.events(profileId, {
        ...{ limit: limit + 1, after: from.value, start, end, isOldestFirst: sort === 'asc' },
        include: [...namesIn(query.include)],
        exclude: [...namesIn(query.exclude)],
      });
      const { items, cursor } = partOf(events, query, scope, ({ place }) => place);
      return ok({ data: items.map(toSegmentEvent), cursor });
    });
  }

  async metadata(path: ProfilePath): Answered<Metadata> {
    return this.#about(path, async (held) => {
      const { firstSeenAt, lastSeenAt } = parsed(held);
      const ends = await this.timeline.ends(held.profileId);
      const metadata = {
        segment_id: held.profileId,
        created_at: firstSeenAt,
        updated_at: lastSeenAt,
        expires_at: null,
        first_message_id: ends?.firstMessageId ?? '',
        first_source_id: ends?.firstSourceId ?? '',
        last_message_id: ends?.lastMessageId ?? '',
        last_source_id: ends?.lastSourceId ?? '',
      };
      return ok({ metadata, cursor: { url: '', has_more: false, next: '', limit: 0 } });
    });
  }

  async links(path: ProfilePath, query: SegmentPage): Answered<Links> {
    return this.#about(path, async ({ profileId }) => {
      const scope = scopeOf(path, 'links', {});
      const from = after(query, scope);
      if (!from.ok) return from;
      const groups = await this.timeline.groups(profileId, from.value, query.limit + 1);
      const { items, cursor } = partOf(groups, query, scope, ({ groupId }) => groupId);
      const data = items.map(({ groupId, sourceId, firstAt }) => ({
        to_collection: 'accounts',
        external_ids: [
          {
            ...externalId('group_id', groupId),
            ...{ source_id: sourceId, collection: 'accounts', created_at: firstAt },
          },
        ],
      }));
      return ok({ data, cursor });
    });
  }

  async #about<T>(
    { collection, identifier }: ProfilePath,
    answerOf: (held: HeldProfile) => Result<T, ApiFailure> | Promise<Result<T, ApiFailure>>,
  ): Answered<T> {
    if (collection !== 'users') return failed(noCollection(collection));
    const found = await this.profiles.ofIdentifier(identifier);
    if (!found.ok) return found.error.code === 'profile_not_found' ? failed(NOT_FOUND) : found;
    const answer = await answerOf(found.value);
    return answer.ok ? ok({ held: found.value, answer: answer.value }) : answer;
  }

  async #traitsOf(held: HeldProfile, of: TraitsQuery['class']): Promise<readonly Trait[]> {
    if (of === 'audience') {
      const memberships = await this.timeline.memberships(held.profileId);
      return memberships.map(({ audience, since }) => {
        return { name: audience, value: true, source_id: '', updated_at: since };
      });
    }
    const profile = parsed(held);
    const computed = computedOf(profile);
    if (of === 'computed_trait') return computed;
    const names = new Set(computed.map(({ name }) => name));
    return [...customOf(profile).filter(({ name }) => !names.has(name)), ...computed];
  }
}

function customOf({ traits, traitSources, at }: ProfileMessage): readonly Trait[] {
  return Object.entries(traits).map(([name, value]) => {
    const source = traitSources[name];
    return { name, value, source_id: source?.sourceId ?? '', updated_at: source?.at ?? at };
  });
}

function computedOf({ computed, at }: ProfileMessage): readonly Trait[] {
  return Object.entries(computed).map(([name, value]) => ({ name, value, source_id: '', updated_at: at }));
}

function toSegmentEvent({ event }: PlacedEvent): SegmentEvent {
  const { identifiers, type, sourceId, messageId, timestamp, properties, traits, context, name } = event;
  return {
    external_ids: (identifiers as readonly Identifier[]).map((id) =>
      externalId(namespaceOf(id), valueOf(id)),
    ),
    type,
    ...(event.event !== undefined && { event: event.event }),
    ...(name !== undefined && { name }),
    source_id: sourceId,
    message_id: messageId,
    timestamp,
    properties,
    ...(Object.keys(traits).length > 0 && { traits }),
    context,
  };
}

function externalId(type: string, id: string): ExternalId {
  return { id, type, source_id: '', collection: 'users', encoding: 'none' };
}

function dataOf<T>(part: Result<Part<T>, ApiFailure>): Result<object, ApiFailure> {
  return part.ok ? ok({ data: part.value.items, cursor: part.value.cursor }) : part;
}

/** Of what the pages are: a cursor is good for one profile and the same filters. */
function scopeOf(
  { workspace, collection, identifier }: ProfilePath,
  list: string,
  { limit: _limit, next: _next, ...filter }: Partial<SegmentPage>,
) {
  const url = `/v1/spaces/${encodeURIComponent(workspace)}/collections/${collection}/profiles/${encodeURIComponent(identifier)}/${list}`;
  return { url, list: url, filter };
}

function namesIn(list: string | undefined): ReadonlySet<string> {
  if (list === undefined || list === '') return NONE;
  return new Set(list.split(',').map((name) => name.trim()));
}

const isWanted = (wanted: ReadonlySet<string>, name: string) => wanted.size === 0 || wanted.has(name);

function noCollection(collection: string): ApiFailure {
  const message =
    collection === 'accounts'
      ? 'There are no profiles of accounts yet: ask for those of users.'
      : `There is no collection ${collection}: ask for users.`;
  return { code: 'profile_not_found', message };
}
