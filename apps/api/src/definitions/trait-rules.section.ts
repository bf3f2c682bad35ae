import { Injectable } from '@nestjs/common';
import type { TraitRuleMessage } from '@tributary/contracts';
import { ControlPlane, type Definition, type Definitions } from '@tributary/control';
import { failed, ok } from '@tributary/kernel';
import { problem } from '../http/problems.js';
import { TraitRuleBody, TraitRuleName } from '../trait-rules/trait-rule.dto.js';
import { TRAIT_RULES } from '../trait-rules/trait-rule.kind.js';
import { TraitRulesService } from '../trait-rules/trait-rules.service.js';
import { bodyAt, entriesById, problemsOfFailure, type Section } from './section.js';

/** The rules of traits in files, by the names of the traits. */
@Injectable()
export class TraitRulesSection implements Section<TraitRuleMessage> {
  readonly name = 'traitRules';
  readonly what = 'trait-rule';
  readonly area = 'audiences';
  readonly definitions: Definitions<TraitRuleMessage>;

  constructor(
    plane: ControlPlane,
    private readonly rules: TraitRulesService,
  ) {
    this.definitions = plane.definitions(TRAIT_RULES);
  }

  exported(stored: readonly Definition<TraitRuleMessage>[]): object {
    return Object.fromEntries(stored.map(({ id, value }) => [id, this.show(value)]));
  }

  entriesIn(sent: unknown) {
    return entriesById<TraitRuleMessage>(this.name, sent, (name, place, one) => {
      const named = TraitRuleName['~standard'].validate({ name });
      if (named.issues)
        return failed(named.issues.map(({ detail }) => problem(place, `(its name) ${detail}`)));
      const body = bodyAt(place, TraitRuleBody, one);
      if (!body.ok) return body;
      return ok({
        id: name,
        place,
        change: (before: Definition<TraitRuleMessage> | undefined) => {
          const change = this.rules.wanted(name, body.value, before);
          return Promise.resolve(change.ok ? change : failed(problemsOfFailure(place, change.error)));
        },
        show: (value: TraitRuleMessage) => this.show(value),
      });
    });
  }

  isThere(): boolean {
    return true;
  }

  removal() {
    return 'remove' as const;
  }

  show({ description, merge }: TraitRuleMessage): object {
    return { ...(description === undefined ? {} : { description }), merge };
  }
}
