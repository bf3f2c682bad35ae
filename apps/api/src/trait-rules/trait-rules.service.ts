import { Inject, Injectable } from '@nestjs/common';
import { aggregatesOfMerge } from '@tributary/audiences';
import type { TraitRuleMessage } from '@tributary/contracts';
import { ControlPlane, type Change } from '@tributary/control';
import { ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { KafkaActiveAggregates } from '../audiences/kafka.active-aggregates.js';
import { DefinitionChanges } from '../control/definition-changes.js';
import { asItWas, DefinitionResource } from '../control/definition-resource.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import {
  toShownTraitRule,
  type ShownTraitRule,
  type TraitRuleBody,
  type TraitRuleName,
} from './trait-rule.dto.js';
import { TRAIT_RULES, type StoredTraitRule } from './trait-rule.kind.js';

const NOT_FOUND: ApiFailure = {
  code: 'trait_rule_not_found',
  message: 'The trait has no rule: its latest value holds.',
};

@Injectable()
export class TraitRulesService {
  readonly resource: DefinitionResource<
    TraitRuleMessage,
    TraitRuleName,
    PageQuery,
    TraitRuleBody,
    ShownTraitRule
  >;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    private readonly aggregates: KafkaActiveAggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const definitions = plane.definitions(TRAIT_RULES);
    this.resource = new DefinitionResource(definitions, changes, {
      what: 'trait rule',
      list: 'trait rules',
      idOf: ({ name }) => name,
      missing: () => NOT_FOUND,
      wanted: (name, body, before) => this.wanted(name, body, before),
      restored: (_name, value) => asItWas(definitions, value, this.clock.now()),
      show: (stored) => stored.map((one) => this.#shown(one)),
    });
  }

  /** What is to become of a rule by what is sent. */
  wanted(
    name: string,
    { description, merge }: TraitRuleBody,
    before: StoredTraitRule | undefined,
  ): Result<Change<TraitRuleMessage>, ApiFailure> {
    if (before?.value.merge === merge && before.value.description === description) return ok('keep');
    const updatedAt = toInstant(this.clock.now());
    const createdAt = before?.value.createdAt ?? updatedAt;
    const said = description === undefined ? { merge } : { description, merge };
    return ok({ put: { workspaceId: currentWorkspace(), name, ...said, createdAt, updatedAt } });
  }

  #shown(stored: StoredTraitRule): ShownTraitRule {
    const { name, merge } = stored.value;
    const wanted = aggregatesOfMerge(name, merge);
    return toShownTraitRule(stored, this.aggregates.progressOf(currentWorkspace(), wanted));
  }
}
