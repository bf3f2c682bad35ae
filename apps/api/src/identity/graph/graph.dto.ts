import Type from 'typebox';
import { described, dto, parameters, type Value } from '../../http/dto.js';
import { IDENTIFIER, PROFILE_ID, WHEN } from '../../http/members.js';
import { SplitDto } from '../splits/split.dto.js';

const asked = (description: string) =>
  Type.String({
    ...IDENTIFIER,
    description,
    errorMessage: 'must be namespace:value, such as user_id:u1',
  });

export const GraphQuery = parameters({
  identifier: asked('namespace:value'),
  to: Type.Optional(asked('another one: what leads from the one to the other?')),
});
export type GraphQuery = Value<typeof GraphQuery>;

const GraphIdentifierDto = dto('GraphIdentifierDto', {
  identifier: IDENTIFIER,
  namespace: Type.String({ examples: ['user_id'] }),
  value: Type.String({ examples: ['u1'] }),
  firstSeenAt: Type.Optional(WHEN),
  since: Type.Optional(Type.String({ ...WHEN, description: 'since when it is in this profile' })),
  reason: Type.Unsafe<string>(
    Type.Enum(['linked', 'alone', 'split', 'rules', 'beyond_bound'], {
      description: 'what put it there; alone: it is the first, or nothing joins it to another',
    }),
  ),
});
export type ShownIdentifier = Value<typeof GraphIdentifierDto>;

const FirstEventDto = dto('FirstEventDto', {
  sourceId: Type.String({ examples: ['web'] }),
  messageId: Type.String(),
  type: Type.String({ examples: ['track'] }),
  event: Type.String({
    description: 'its name; empty where the call has none',
    examples: ['Signed Up'],
  }),
  receivedAt: WHEN,
});

const RefusalDto = dto('RefusalDto', {
  rule: Type.Enum(
    ['blocked', 'too_many_partners', 'supernode', 'limit', 'members', 'split', 'beyond_bound', 'unknown'],
    {
      description:
        'unknown: the component has too many links to explain, or the link was refused before reasons were kept',
    },
  ),
  words: Type.String({ description: 'the same in words' }),
  end: Type.Optional(
    Type.String({
      ...IDENTIFIER,
      description: 'the end that refuses; absent: the profile of both would',
    }),
  ),
  namespace: Type.Optional(Type.String({ description: 'whose rule it is' })),
  split: Type.Optional(Type.Array(Type.String(), { description: 'the two that are kept apart' })),
});
/** Why a link joins nothing, as data and in words. */
export type Refusal = Value<typeof RefusalDto>;

const GraphLinkDto = dto('GraphLinkDto', {
  a: IDENTIFIER,
  b: IDENTIFIER,
  firstSeenAt: Type.String({ ...WHEN, description: 'when the two first occurred on one event' }),
  firstEvent: Type.Optional(described(FirstEventDto, 'that event; absent where the table has not got it')),
  state: Type.Enum(['joined', 'refused', 'pending'], {
    description:
      'joined: it makes the two one person; refused: it does not, though others may; pending: not decided yet, or the tables are late',
  }),
  refusal: Type.Optional(RefusalDto),
});
export type ShownLink = Value<typeof GraphLinkDto>;

const ApartDto = dto('ApartDto', {
  identifier: IDENTIFIER,
  profileId: PROFILE_ID,
  message: Type.String(),
});
/** An identifier that is asked about beside another, and is not of its profile. */
export type Apart = Value<typeof ApartDto>;

export const GraphDto = dto('GraphDto', {
  identifier: IDENTIFIER,
  profileId: PROFILE_ID,
  identifiers: Type.Array(GraphIdentifierDto, {
    description: 'of its profile, in the order in which they were seen',
  }),
  links: Type.Array(GraphLinkDto, { description: 'of these identifiers, those that join first' }),
  path: Type.Optional(
    Type.Array(GraphLinkDto, {
      description:
        'the shortest chain of joining links that leads to `to`; absent where the two are not one person',
    }),
  ),
  apart: Type.Optional(described(ApartDto, '`to`, where it is in another profile')),
  splits: Type.Array(SplitDto, { description: 'those in force that name one of the identifiers' }),
  rulesVersion: Type.Integer({ description: 'of the rules in force' }),
  truncated: Type.Boolean({ description: 'there are more identifiers or links than are shown' }),
});
export type ShownGraph = Value<typeof GraphDto>;
