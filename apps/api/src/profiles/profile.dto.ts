import { ProfileMessage } from '@tributary/contracts';
import Type from 'typebox';
import { dto, parameters, type Value } from '../http/dto.js';
import { FailureDto } from '../http/error.dto.js';
import { IDENTIFIER, PROFILE_ID, WHEN } from '../http/members.js';
import { limit, pageDto } from '../http/page.dto.js';

export const ProfileId = parameters({
  profileId: Type.String({ ...PROFILE_ID, errorMessage: 'must be a UUID' }),
});
export type ProfileId = Value<typeof ProfileId>;

export const IdentifierQuery = parameters({
  identifier: Type.String({
    ...IDENTIFIER,
    description: 'namespace:value',
    errorMessage: 'must be namespace:value, such as user_id:u1',
  }),
});
export type IdentifierQuery = Value<typeof IdentifierQuery>;

/** As in `profiles.v1`, and as of when. */
export const ProfileDto = dto('ProfileDto', {
  ...ProfileMessage.properties,
  asOf: Type.Optional(
    Type.String({
      ...WHEN,
      description:
        'what happened later may not be in it yet: now, where the processor that holds the profile answers; while none does, when the tables last saw it change',
    }),
  ),
});

export const MOST_IN_BATCH = 100;

export const BatchDto = dto('BatchDto', {
  identifiers: Type.Array(Type.String(), {
    minItems: 1,
    maxItems: MOST_IN_BATCH,
    description: 'namespace:value of each',
    examples: [['user_id:u1', 'email:ann@example.com']],
    errorMessage: `must be 1 to ${MOST_IN_BATCH} texts namespace:value`,
  }),
});
export type Batch = Value<typeof BatchDto>;

export const BatchAnswerDto = dto('BatchAnswerDto', {
  data: Type.Array(
    Type.Object({
      identifier: Type.String({ description: 'as it was sent' }),
      profile: Type.Optional(ProfileDto),
      error: Type.Optional(FailureDto),
    }),
    { description: 'in the order of the identifiers: of each its profile, or why there is none' },
  ),
});

const EVENTS = 50;

export const EventsQuery = parameters({
  limit: limit(EVENTS),
  cursor: Type.Optional(Type.String({ description: 'the `cursor.next` of the page before' })),
  start: Type.Optional(Type.String({ ...WHEN, description: 'no event before this time' })),
  end: Type.Optional(Type.String({ ...WHEN, description: 'no event at this time or later' })),
});
export type EventsQuery = Value<typeof EventsQuery>;

const ANY_OBJECT = Type.Record(Type.String(), Type.Unknown());

export const TimelineEventDto = dto('TimelineEventDto', {
  messageId: Type.String(),
  type: Type.String({ examples: ['track'] }),
  event: Type.Optional(Type.String({ description: 'of a track call: its name' })),
  name: Type.Optional(Type.String({ description: 'of a page or a screen' })),
  timestamp: WHEN,
  receivedAt: WHEN,
  sourceId: Type.String(),
  identifiers: Type.Array(Type.String(), { examples: [['user_id:u1']] }),
  groupId: Type.Optional(Type.String()),
  properties: ANY_OBJECT,
  traits: ANY_OBJECT,
  context: ANY_OBJECT,
});
export type TimelineEvent = Value<typeof TimelineEventDto>;

export const TimelineDto = pageDto('TimelineDto', TimelineEventDto);

const MembershipDto = dto('MembershipDto', {
  audience: Type.String({ description: 'its key', examples: ['vip'] }),
  since: Type.String({ ...WHEN, description: 'when it became a member' }),
  cause: Type.String({ examples: ['event'] }),
  causedBy: Type.Optional(Type.String({ description: 'the messageId of the event that caused it' })),
});
export type Membership = Value<typeof MembershipDto>;

export const MembershipsDto = dto('MembershipsDto', { data: Type.Array(MembershipDto) });
