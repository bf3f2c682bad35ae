import { MAX_QUERY_LENGTH, warningsOf, WARNING_CODES, type AudienceDefinition } from '@tributary/audiences';
import { AudienceMessage } from '@tributary/contracts';
import Type from 'typebox';
import { versionOf } from '../control/versions.dto.js';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { pageDto, PageQuery } from '../http/page.dto.js';
import { problem } from '../http/problems.js';
import { nameOf, PROFILE_ID, VERSION, WHEN } from '../http/members.js';
import type { StoredAudience } from './audience.kind.js';

const QUERY_EXAMPLE = "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1";
const { workspaceId: _workspaceId, key, ...STORED } = AudienceMessage.properties;

const TREE = Type.Record(Type.String(), Type.Unknown(), { description: 'the tree that a query means' });

/** What a page that tries the API fills in; each is accepted as it stands. */
export const AUDIENCE_EXAMPLES = {
  query: {
    summary: 'as text',
    value: { name: 'Shoe buyers', description: 'Bought expensive shoes this week', query: QUERY_EXAMPLE },
  },
  definition: {
    summary: 'as the tree that the text means',
    value: {
      name: 'Pro customers',
      definition: { kind: 'trait', name: 'plan', comparison: { op: '=', value: 'pro' } },
    },
  },
};

const KEY = {
  key: Type.String({
    ...key,
    errorMessage: 'must be 1 to 100 of a-z, 0-9, _ and -, and begin with a letter or a digit',
  }),
};

export const AudienceVersion = parameters(versionOf(KEY));
export type AudienceVersion = Value<typeof AudienceVersion>;

export const AudienceKey = parameters(KEY);
export type AudienceKey = Value<typeof AudienceKey>;

/** An audience as it is sent: whole, with either `query` or `definition`. */
export const AudienceBody = dto(
  'AudienceBody',
  {
    name: nameOf('Shoe buyers'),
    description: Type.Optional(Type.String({ maxLength: 2_000 })),
    query: Type.Optional(
      Type.String({
        maxLength: MAX_QUERY_LENGTH,
        examples: [QUERY_EXAMPLE],
        errorMessage: { type: 'must be a text' },
      }),
    ),
    definition: Type.Optional(TREE),
  },
  (body) =>
    body.query === undefined && body.definition === undefined
      ? [problem('query', 'is missing: send either query or definition')]
      : [],
);
export type AudienceBody = Value<typeof AudienceBody>;

const AudienceWarningDto = dto('AudienceWarningDto', {
  code: Type.Enum(WARNING_CODES),
  condition: Type.String({ examples: ["event('Order Completed').count() >= 0"] }),
  message: Type.String({ description: 'what is odd about the condition, for people' }),
});

export const AudienceDto = dto('AudienceDto', {
  key,
  ...STORED,
  query: Type.String({ description: 'in its normal form', examples: [QUERY_EXAMPLE] }),
  definition: TREE,
  state: Type.Enum(['building', 'live'], {
    description:
      'live: all of history counts. building: earlier events are still being counted; until then nothing is published, or, after an edit, the former definition stays in force. While ClickHouse is away, an audience stays building',
  }),
  progress: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'how much of what was before is known: the part of the partitions of the event log; 1 when live',
  }),
  size: nullable(Type.Integer(), 'members, as the tables have them; null while ClickHouse cannot say'),
  grainMs: nullable(
    Type.Integer(),
    'events leave the windows of values so many milliseconds early at most; null: all windows are to the millisecond, or there is none',
  ),
  version: VERSION,
  warnings: Type.Array(AudienceWarningDto, {
    description: 'conditions that are true of everybody, or of nobody; may be empty',
  }),
  createdAt: WHEN,
  updatedAt: WHEN,
});
export type ShownAudience = Value<typeof AudienceDto>;

export const AudiencePageDto = pageDto('AudiencePageDto', AudienceDto);

/** A size of null is not known. */
export function toShownAudience(
  { value, version }: StoredAudience,
  { size, progress, grainMs }: Pick<ShownAudience, 'size' | 'progress' | 'grainMs'>,
): ShownAudience {
  const { workspaceId: _workspaceId, ...audience } = value;
  const warnings = warningsOf(definitionIn(value));
  const state = progress === 1 ? 'live' : 'building';
  return { ...audience, state, progress, size, grainMs, version, warnings };
}

/** The tree of a definition that was checked when it was put in force. */
export function definitionIn({ definition }: Pick<AudienceMessage, 'definition'>): AudienceDefinition {
  return definition as unknown as AudienceDefinition;
}

const MemberDto = dto('MemberDto', {
  profileId: PROFILE_ID,
  since: Type.String({ ...WHEN, description: 'when it became a member' }),
  identifiers: Type.Array(Type.String(), { examples: [['user_id:u1', 'email:ann@example.com']] }),
  traits: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'the traits that were asked for, as the profile has them now; those it has not are absent',
    }),
  ),
});
/** Traits that a list or a file of members shows beside them. */
export const TRAITS = {
  traits: Type.Optional(
    Type.String({
      pattern: '^[^,]+(,[^,]+){0,49}$',
      maxLength: 5_000,
      description: 'names of traits to show, separated by commas, 50 at most',
      examples: ['plan,email'],
      errorMessage: 'must be 1 to 50 names of traits, separated by commas',
    }),
  ),
};

/** The names in such a list, each once. */
export function traitNamesIn(traits: string | undefined): readonly string[] {
  return traits === undefined ? [] : [...new Set(traits.split(','))];
}

export const MembersQuery = parameters({ ...PageQuery.properties, ...TRAITS });
export type MembersQuery = Value<typeof MembersQuery>;

/** A profile in an audience. */
export type Member = Value<typeof MemberDto>;

export const MemberPageDto = pageDto('MemberPageDto', MemberDto);
