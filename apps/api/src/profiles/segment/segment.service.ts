import { Injectable } from '@nestjs/common';
import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import { ClickHouseTimeline } from '../clickhouse.timeline.js';
import { parsed, type HeldProfile } from '../held-profile.js';
import { ProfilesService } from '../profiles.service.js';
import {
  dataOf,
  externalId,
  isWanted,
  metadataOf,
  namesIn,
  NOT_FOUND,
  scopeOf,
  toSegmentEvent,
  traitsIn,
  type Answered,
  type SegmentTrait,
} from './segment-answers.js';
import { after, partIn, partOf } from './segment-page.js';
import type {
  ExternalIdsQuery,
  Links,
  Metadata,
  ProfilePath,
  SegmentEventsQuery,
  SegmentPage,
  TraitsQuery,
} from './segment.dto.js';

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
      const events = await this.timeline.events(
        { profileId },
        {
          ...{ limit: limit + 1, after: from.value, start, end, isOldestFirst: sort === 'asc' },
          include: [...namesIn(query.include)],
          exclude: [...namesIn(query.exclude)],
        },
      );
      const { items, cursor } = partOf(events, query, scope, ({ place }) => place);
      return ok({ data: items.map(toSegmentEvent), cursor });
    });
  }

  async metadata(path: ProfilePath): Answered<Metadata> {
    return this.#about(path, async (held) => {
      const ends = await this.timeline.ends({ profileId: held.profileId });
      return ok(metadataOf(held.profileId, parsed(held), ends));
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
            ...externalId('group_id', groupId, 'accounts'),
            ...{ source_id: sourceId, created_at: firstAt },
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

  async #traitsOf(held: HeldProfile, of: TraitsQuery['class']): Promise<readonly SegmentTrait[]> {
    if (of === 'audience') {
      const memberships = await this.timeline.memberships(held.profileId);
      return memberships.map(({ audience, since }) => {
        return { name: audience, value: true, source_id: '', updated_at: since };
      });
    }
    return traitsIn(parsed(held), of);
  }
}

function noCollection(collection: string): ApiFailure {
  const message = `There is no collection ${collection}: ask for users or accounts.`;
  return { code: 'profile_not_found', message };
}
