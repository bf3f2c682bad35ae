import Type from 'typebox';
import { dto, parameters, type Value } from '../../http/dto.js';
import { WHEN } from '../../http/members.js';

const MOST = 200;
const USUAL = 10;

export const ProfilePath = parameters({
  workspace: Type.String(),
  collection: Type.String({ description: 'users or accounts', examples: ['users'] }),
  identifier: Type.String({
    description: 'namespace:value; of an account group_id:value',
    examples: ['user_id:u1'],
  }),
});
export type ProfilePath = Value<typeof ProfilePath>;

const PAGE = {
  limit: Type.Integer({
    minimum: 1,
    maximum: MOST,
    default: USUAL,
    errorMessage: `must be a whole number from 1 to ${MOST}`,
  }),
  next: Type.Optional(Type.String({ description: 'the `cursor.next` of the page before' })),
};
const INCLUDE = Type.Optional(Type.String({ description: 'names, with commas between; all unless given' }));

export const SegmentPage = parameters(PAGE);
export type SegmentPage = Value<typeof SegmentPage>;

export const TraitsQuery = parameters({
  ...PAGE,
  include: INCLUDE,
  verbose: Type.Enum(['true', 'false'], {
    default: 'false',
    description: 'true: each value with its source and time',
    errorMessage: 'must be true or false',
  }),
  class: Type.Optional(
    Type.Enum(['audience', 'computed_trait'], {
      description:
        'audience: the audiences that it is in; computed_trait: computed traits; otherwise all traits',
      errorMessage: 'must be audience or computed_trait',
    }),
  ),
});
export type TraitsQuery = Value<typeof TraitsQuery>;

export const ExternalIdsQuery = parameters({ ...PAGE, include: INCLUDE });
export type ExternalIdsQuery = Value<typeof ExternalIdsQuery>;

export const SegmentEventsQuery = parameters({
  ...PAGE,
  include: INCLUDE,
  exclude: Type.Optional(Type.String({ description: 'names of events, with commas between' })),
  start: Type.Optional(WHEN),
  end: Type.Optional(WHEN),
  sort: Type.Enum(['asc', 'desc'], {
    default: 'desc',
    description: 'desc: the newest first',
    errorMessage: 'must be asc or desc',
  }),
});
export type SegmentEventsQuery = Value<typeof SegmentEventsQuery>;

const SegmentCursorDto = dto('SegmentCursorDto', {
  url: Type.String({ description: 'the route that was asked' }),
  has_more: Type.Boolean(),
  next: Type.String({ description: 'to be sent as `next`; empty on the last page' }),
  limit: Type.Integer(),
});
export type SegmentCursor = Value<typeof SegmentCursorDto>;

const ExternalIdDto = dto('ExternalIdDto', {
  id: Type.String({ examples: ['u1'] }),
  type: Type.String({ examples: ['user_id'] }),
  source_id: Type.String({ description: 'empty where it is not known' }),
  collection: Type.String({ examples: ['users'] }),
  created_at: Type.Optional(WHEN),
  encoding: Type.String({ examples: ['none'] }),
});
export type ExternalId = Value<typeof ExternalIdDto>;

export const TraitsDto = dto('TraitsDto', {
  traits: Type.Record(Type.String(), Type.Unknown(), {
    description: 'by name; with `verbose`, `{value, source_id, updated_at}` of each',
  }),
  cursor: SegmentCursorDto,
});

export const ExternalIdsDto = dto('ExternalIdsDto', {
  data: Type.Array(ExternalIdDto),
  cursor: SegmentCursorDto,
});

const SegmentEventDto = dto('SegmentEventDto', {
  external_ids: Type.Array(ExternalIdDto),
  type: Type.String(),
  event: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  source_id: Type.String(),
  message_id: Type.String(),
  timestamp: WHEN,
  properties: Type.Record(Type.String(), Type.Unknown()),
  traits: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  context: Type.Record(Type.String(), Type.Unknown()),
});
export type SegmentEvent = Value<typeof SegmentEventDto>;

export const SegmentEventsDto = dto('SegmentEventsDto', {
  data: Type.Array(SegmentEventDto),
  cursor: SegmentCursorDto,
});

export const MetadataDto = dto('MetadataDto', {
  metadata: dto('ProfileMetadataDto', {
    segment_id: Type.String({ description: 'the id of the profile' }),
    created_at: WHEN,
    updated_at: WHEN,
    expires_at: Type.Null(),
    first_message_id: Type.String(),
    first_source_id: Type.String(),
    last_message_id: Type.String(),
    last_source_id: Type.String(),
  }),
  cursor: SegmentCursorDto,
});
export type Metadata = Value<typeof MetadataDto>;

export const LinksDto = dto('LinksDto', {
  data: Type.Array(
    dto('SegmentLinkDto', {
      to_collection: Type.String({
        description: 'accounts, or users where it is an account',
        examples: ['accounts'],
      }),
      external_ids: Type.Array(ExternalIdDto),
    }),
  ),
  cursor: SegmentCursorDto,
});
export type Links = Value<typeof LinksDto>;
