import { TraitRuleMessage } from '@tributary/contracts';
import Type from 'typebox';
import { versionOf } from '../control/versions.dto.js';
import { dto, parameters, type Value } from '../http/dto.js';
import { VERSION, WHEN } from '../http/members.js';
import { pageDto } from '../http/page.dto.js';
import type { StoredTraitRule } from './trait-rule.kind.js';

const { name, description, merge } = TraitRuleMessage.properties;

const NAME = {
  name: Type.String({
    ...name,
    description: 'of the trait, as identify calls send it; URL-encoded',
    errorMessage: 'must be the name of a trait, of 1 to 200 characters',
  }),
};

/** What a page that tries the API fills in. */
export const TRAIT_RULE_EXAMPLES = {
  greatest: { summary: 'the greatest value that was ever sent', value: { merge: 'max' } },
  first: { summary: 'the first value', value: { merge: 'earliest' } },
};

export const TraitRuleName = parameters(NAME);
export type TraitRuleName = Value<typeof TraitRuleName>;

export const TraitRuleVersion = parameters(versionOf(NAME));

export const TraitRuleBody = dto('TraitRuleBody', {
  description: Type.Optional(Type.String({ maxLength: 2_000 })),
  merge: Type.Enum([...merge.enum], {
    description:
      'latest: as without a rule; earliest: the first value; non_empty: the last that is neither null, "" nor []; max, min: the greatest or least; union: the different values, as a list; add: the sum',
    examples: ['max'],
    errorMessage: `must be one of ${merge.enum.join(', ')}`,
  }),
});
export type TraitRuleBody = Value<typeof TraitRuleBody>;

export const TraitRuleDto = dto('TraitRuleDto', {
  ...NAME,
  description,
  merge,
  state: Type.Enum(['building', 'live'], {
    description: 'building: what was sent before is not known yet, and the rule before it answers',
  }),
  progress: Type.Number({
    description: 'how much of history is known, from 0 to 1: partitions of the event log',
  }),
  version: VERSION,
  createdAt: WHEN,
  updatedAt: WHEN,
});
export type ShownTraitRule = Value<typeof TraitRuleDto>;

export const TraitRulePageDto = pageDto('TraitRulePageDto', TraitRuleDto);

export function toShownTraitRule({ value, version }: StoredTraitRule, progress: number): ShownTraitRule {
  const { workspaceId: _workspaceId, ...shown } = value;
  return { ...shown, state: progress === 1 ? 'live' : 'building', progress, version };
}
