import { aggregatesOfTrait, MAX_QUERY_LENGTH, type ComputedTrait } from '@tributary/audiences';
import { ScoreBordersMessage, TraitMessage } from '@tributary/contracts';
import Type from 'typebox';
import { grainIn } from '../audiences/grain.js';
import { versionOf } from '../control/versions.dto.js';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { nameOf, VERSION } from '../http/members.js';
import { pageDto } from '../http/page.dto.js';
import type { StoredTrait } from './trait.kind.js';

const QUERY_EXAMPLE = "event('Order Completed').within(30 days).sum(property('revenue'))";
const { workspaceId: _workspaceId, key, ...STORED } = TraitMessage.properties;

/** What a page that tries the API fills in. */
export const TRAIT_EXAMPLES = {
  sum: {
    summary: 'a sum in a window',
    value: { name: 'Revenue of 30 days', query: QUERY_EXAMPLE },
  },
  account: {
    summary: 'of accounts, over the events of their people',
    value: { name: 'Revenue of 30 days', of: 'accounts', query: QUERY_EXAMPLE },
  },
  favourite: {
    summary: 'the most frequent value',
    value: {
      name: 'Favourite category',
      query: "event('Product Viewed').within(90 days).mode(property('category'), 2)",
    },
  },
};

const KEY = {
  key: Type.String({
    ...key,
    errorMessage: 'must be 1 to 100 of letters, digits, _ and -, and begin with a letter or a digit',
  }),
};

export const TraitVersion = parameters(versionOf(KEY));
export type TraitVersion = Value<typeof TraitVersion>;

export const TraitKey = parameters(KEY);
export type TraitKey = Value<typeof TraitKey>;

/** A computed trait as it is sent: whole. */
export const TraitBody = dto('TraitBody', {
  name: nameOf('Revenue of 30 days'),
  description: Type.Optional(Type.String({ maxLength: 2_000 })),
  query: Type.String({
    maxLength: MAX_QUERY_LENGTH,
    examples: [QUERY_EXAMPLE],
    errorMessage: { type: 'must be a text', required: 'is missing: send what the trait is computed from' },
  }),
  of: Type.Optional(
    Type.Enum(['people', 'accounts'], {
      description:
        'whose trait it is: each person’s, or each account’s over the events of its people; people unless given',
      errorMessage: 'must be people or accounts',
    }),
  ),
});
export type TraitBody = Value<typeof TraitBody>;

const { borders: BORDERS, people: PEOPLE, computedAt: COMPUTED_AT } = ScoreBordersMessage.properties;

export const TraitDto = dto('TraitDto', {
  key,
  ...STORED,
  of: Type.Enum(['people', 'accounts'], { description: 'whose trait it is' }),
  query: Type.String({ description: 'in its normal form', examples: [QUERY_EXAMPLE] }),
  state: Type.Enum(['building', 'live'], {
    description:
      'building: what was before is not known yet, or of a score its borders, and profiles have the value of the definition before',
  }),
  progress: Type.Number({
    description: 'how much of history is known, from 0 to 1: partitions of the event log',
  }),
  grainMs: nullable(
    Type.Integer(),
    'events leave the window so many milliseconds early at most; null: to the millisecond, or there is no window',
  ),
  ranking: nullable(
    Type.Object({ borders: BORDERS, people: PEOPLE, computedAt: COMPUTED_AT }),
    'of a score, the least good value that has 2, 3 and so on or a better one (null: nobody has), and how many people were ranked when; null: it is no score, or not ranked yet',
  ),
  version: VERSION,
});
export type ShownTrait = Value<typeof TraitDto>;

export const TraitPageDto = pageDto('TraitPageDto', TraitDto);

/** What is known of a trait beside its definition; `trait` of one that is computed from events, `borders` of a score that has some. */
interface Known {
  readonly trait?: ComputedTrait;
  readonly progress: number;
  readonly borders?: ScoreBordersMessage | undefined;
}

export function toShownTrait(
  { value, version }: StoredTrait,
  { trait, progress, borders }: Known,
): ShownTrait {
  const { workspaceId: _workspace, ...shown } = value;
  const { borders: list = [], people = 0, computedAt = '' } = borders ?? {};
  return {
    ...shown,
    of: value.of ?? 'people',
    state: progress === 1 && (trait ?? borders) ? 'live' : 'building',
    progress,
    grainMs: trait ? grainIn(aggregatesOfTrait(trait)) : null,
    ranking: borders ? { borders: [...list], people, computedAt } : null,
    version,
  };
}
