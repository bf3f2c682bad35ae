import { Inject, Injectable } from '@nestjs/common';
import { RULES_ID, type IdentityRulesMessage } from '@tributary/contracts';
import { DEFAULT_RULES, type RulesDefinition } from '@tributary/identity';
import { failed, NOBODY, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../../api.config.js';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { KafkaRulesCatalog } from './kafka.rules-catalog.js';
import type { RulesBody, ShownRules } from './rules.dto.js';

@Injectable()
export class RulesService {
  constructor(
    private readonly catalog: KafkaRulesCatalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  /** The built-in ones where none were put. */
  inForce(): ShownRules {
    const stored = this.catalog.find(RULES_ID);
    if (!stored) return { namespaces: shown(DEFAULT_RULES), version: -1, updatedAt: null };
    const { namespaces, updatedAt } = stored.value;
    return { namespaces, version: stored.version, updatedAt };
  }

  /** Rules that could be put now; nothing is written. */
  check({ namespaces }: RulesBody, preconditions: Preconditions): Result<RulesDefinition, ApiFailure> {
    const mismatch = mismatchOf('rules', this.inForce(), preconditions);
    return mismatch ? failed(mismatch) : ok({ namespaces });
  }

  /** Puts rules in force; those that are in force as sent are left as they are. */
  async put(body: RulesBody, preconditions: Preconditions): Promise<Result<ShownRules, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const checked = this.check(body, preconditions);
      return checked.ok ? this.#replace(checked.value) : checked;
    });
  }

  /** Back to the built-in ones: as a record, so that the version grows. */
  async reset(preconditions: Preconditions): Promise<Result<ShownRules, ApiFailure>> {
    return this.put(DEFAULT_RULES, preconditions);
  }

  async #replace(definition: RulesDefinition): Promise<Result<ShownRules, ApiFailure>> {
    const before = this.inForce();
    const namespaces = shown(definition);
    if (isDeepStrictEqual(before.namespaces, namespaces)) return ok(before);
    const updatedAt = toInstant(this.clock.now());
    const message = { workspaceId: this.config.TRIBUTARY_WORKSPACE, namespaces, updatedAt };
    const stored = await this.catalog.put(RULES_ID, message);
    return stored.ok ? ok({ namespaces, version: stored.value.version, updatedAt }) : stored;
  }
}

/** As a message has them. */
function shown({ namespaces }: RulesDefinition): IdentityRulesMessage['namespaces'] {
  return Object.fromEntries(
    Object.entries(namespaces).map(([name, rule]) => [
      name,
      {
        ...rule,
        blocked: [...rule.blocked],
        normalise: [...rule.normalise],
        nobody: [...(rule.nobody ?? NOBODY)],
      },
    ]),
  );
}
