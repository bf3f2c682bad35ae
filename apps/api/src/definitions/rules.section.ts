import { Injectable } from '@nestjs/common';
import { NamespaceRule, RULES_ID, type IdentityRulesMessage } from '@tributary/contracts';
import { ControlPlane, type Definition, type Definitions } from '@tributary/control';
import { ok } from '@tributary/kernel';
import { RulesBody } from '../identity/rules/rules.dto.js';
import { RULES } from '../identity/rules/rules.kind.js';
import { RulesService, shownRules } from '../identity/rules/rules.service.js';
import { bodyAt, inOrder, type Entries, type Planning, type Section } from './section.js';

/** The rules of identity in files: whole, also where they are the built-in ones. */
@Injectable()
export class RulesSection implements Section<IdentityRulesMessage> {
  readonly name = 'rules';
  readonly what = 'rules';
  readonly area = 'identity';
  readonly definitions: Definitions<IdentityRulesMessage>;

  constructor(
    plane: ControlPlane,
    private readonly rules: RulesService,
  ) {
    this.definitions = plane.definitions(RULES);
  }

  exported([stored]: readonly Definition<IdentityRulesMessage>[]): object {
    return this.show(shownRules(stored));
  }

  entriesIn(
    sent: unknown,
    _stored: ReadonlyMap<string, Definition<IdentityRulesMessage>>,
    planning: Planning,
  ): Entries<IdentityRulesMessage> {
    const body = bodyAt(this.name, RulesBody, sent);
    if (!body.ok) return { entries: [], problems: body.error };
    planning.rules = body.value;
    const entry = {
      id: RULES_ID,
      place: this.name,
      change: (before: Definition<IdentityRulesMessage> | undefined) =>
        Promise.resolve(ok(this.rules.wanted(body.value, before))),
      show: (value: IdentityRulesMessage) => this.show(value),
    };
    return { entries: [entry], problems: [] };
  }

  isThere(): boolean {
    return true;
  }

  removal() {
    return 'keep' as const;
  }

  show({ namespaces }: { readonly namespaces: Readonly<Record<string, object>> }): object {
    const sorted = Object.entries(namespaces).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      namespaces: Object.fromEntries(sorted.map(([name, rule]) => [name, inOrder(rule, NamespaceRule)])),
    };
  }

  builtIn(): object {
    return this.show(shownRules(undefined));
  }

  applied(): void {
    this.rules.forget();
  }
}
