import { Injectable } from '@nestjs/common';
import type { AccountMessage, ProfileMessage } from '@tributary/contracts';
import { failed, ok, profileIdOf, type Identifier, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { ClickHouseTimeline } from '../clickhouse.timeline.js';
import type { HeldJson } from '../held-profile.js';
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
  type About,
  type Answered,
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

const GROUP = 'group_id:';

/** The profiles of accounts in the shapes of Segment's Profile API. */
@Injectable()
export class SegmentAccountsService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly profiles: ProfilesService,
    private readonly timeline: ClickHouseTimeline,
  ) {}

  async traits(path: ProfilePath, query: TraitsQuery): Answered<object> {
    return this.#about(path, ({ account }) => {
      const all = query.class === 'audience' ? [] : traitsIn(account, query.class);
      const wanted = namesIn(query.include);
      const shown = all.filter(({ name }) => isWanted(wanted, name));
      const part = partIn(shown, query, scopeOf(path, 'traits', query), ({ name }) => name);
      if (!part.ok) return part;
      const { items, cursor } = part.value;
      const traits = items.map(({ name, value, ...rest }) => [
        name,
        query.verbose === 'true' ? { value, ...rest } : value,
      ]);
      return ok({ traits: Object.fromEntries(traits) as object, cursor });
    });
  }

  async externalIds(path: ProfilePath, query: ExternalIdsQuery): Answered<object> {
    return this.#about(path, ({ account: { groupId, firstSeenAt } }) => {
      const own = { ...externalId('group_id', groupId, 'accounts'), created_at: firstSeenAt };
      const all = isWanted(namesIn(query.include), 'group_id') ? [own] : [];
      return dataOf(partIn(all, query, scopeOf(path, 'external_ids', query), ({ id }) => id));
    });
  }

  /** Those that name the account: its group calls. */
  async events(path: ProfilePath, query: SegmentEventsQuery): Answered<object> {
    return this.#about(path, async ({ account: { groupId } }) => {
      const scope = scopeOf(path, 'events', query);
      const from = after(query, scope);
      if (!from.ok) return from;
      const { limit, start, end, sort } = query;
      const events = await this.timeline.events(
        { groupId },
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
    return this.#about(path, async ({ account }) => {
      const { groupId } = account;
      const id = profileIdOf(currentWorkspace(), `${GROUP}${groupId}` as Identifier);
      return ok(metadataOf(id, account, await this.timeline.ends({ groupId })));
    });
  }

  /** The people who belong to it, with their identifiers. */
  async links(path: ProfilePath, query: SegmentPage): Answered<Links> {
    return this.#about(path, async ({ account: { groupId } }) => {
      const scope = scopeOf(path, 'links', {});
      const from = after(query, scope);
      if (!from.ok) return from;
      const people = await this.accounts.people(groupId, from.value, query.limit + 1);
      const { items, cursor } = partOf(people, query, scope, ({ profileId }) => profileId);
      const held = await Promise.all(items.map(({ profileId }) => this.profiles.holding(profileId)));
      const data = held.flatMap((one) =>
        one.ok ? [linkTo(JSON.parse(one.value.json) as ProfileMessage)] : [],
      );
      return ok({ data, cursor });
    });
  }

  async #about<T>(
    { identifier }: ProfilePath,
    answerOf: (of: {
      readonly account: AccountMessage;
    }) => Result<T, ApiFailure> | Promise<Result<T, ApiFailure>>,
  ): Answered<T> {
    if (!identifier.startsWith(GROUP)) return failed({ ...NOT_FOUND, message: NAMED });
    const found: Result<HeldJson, ApiFailure> = await this.accounts.holding(identifier.slice(GROUP.length));
    if (!found.ok) return found.error.code === 'account_not_found' ? failed(NOT_FOUND) : found;
    const answer = await answerOf({ account: JSON.parse(found.value.json) as AccountMessage });
    return answer.ok ? ok<About<T>>({ held: found.value, answer: answer.value }) : answer;
  }
}

const NAMED = 'Profiles of accounts are named by group_id and the id, such as group_id:acme.';

function linkTo({ identifiers }: ProfileMessage): Links['data'][number] {
  return {
    to_collection: 'users',
    external_ids: identifiers.map(({ namespace, value, firstSeenAt }) => ({
      ...externalId(namespace, value),
      created_at: firstSeenAt,
    })),
  };
}
