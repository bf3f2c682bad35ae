import { Inject, Injectable } from '@nestjs/common';
import { RULES_ID, type IdentityRulesMessage } from '@tributary/contracts';
import {
  ControlPlane,
  DatabaseAwayError,
  type Change,
  type Definition,
  type Definitions,
} from '@tributary/control';
import { DEFAULT_RULES, type RulesDefinition } from '@tributary/identity';
import { failed, NOBODY, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { isDeepStrictEqual } from 'node:util';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../../control/definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from '../../control/versions.dto.js';
import type { ApiFailure } from '../../http/api.errors.js';
import type { PageQuery } from '../../http/page.dto.js';
import type { Page } from '../../http/page.js';
import type { Outcome } from '../../http/reply.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { RULES } from './rules.kind.js';
import type { RulesBody, ShownRules } from './rules.dto.js';

/** Readers of what flows do not ask the database each time, nor wait for it, and go on without it. */
const FRESH_MS = 1_000;
const GOOD_MS = 2_000;

/** Rules that were put, and how. */
export interface PutRules extends Outcome {
  readonly rules: ShownRules;
}

@Injectable()
export class RulesService {
  readonly #definitions: Definitions<IdentityRulesMessage>;
  /** By workspace, of which there are not many. */
  readonly #lastRead = new Map<string, { readonly rules: ShownRules; readonly at: number }>();
  readonly #reading = new Set<string>();

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#definitions = plane.definitions(RULES);
  }

  /** The built-in ones where none were put. */
  async inForce(): Promise<ShownRules> {
    const rules = shownRules(await this.#definitions.find(RULES_ID));
    this.#lastRead.set(currentWorkspace(), { rules, at: performance.now() });
    return rules;
  }

  /** As they were within the last two seconds; while the database is away, as they were last, or the built-in ones. */
  async forReading(): Promise<ShownRules> {
    const lastRead = this.#lastRead.get(currentWorkspace());
    const age = lastRead ? performance.now() - lastRead.at : Infinity;
    if (lastRead && age < FRESH_MS) return lastRead.rules;
    if (lastRead && age < GOOD_MS) {
      this.#readAgain(currentWorkspace());
      return lastRead.rules;
    }
    try {
      return await this.inForce();
    } catch (error) {
      if (!(error instanceof DatabaseAwayError)) throw error;
      return lastRead?.rules ?? shownRules(undefined);
    }
  }

  #readAgain(workspace: string): void {
    if (this.#reading.has(workspace)) return;
    this.#reading.add(workspace);
    this.inForce()
      // Whoever asks later than the rules are good waits, and hears of it.
      .catch(() => undefined)
      .finally(() => this.#reading.delete(workspace));
  }

  /** Rules that could be put now; nothing is written. */
  async check(
    { namespaces }: RulesBody,
    preconditions: Preconditions,
  ): Promise<Result<RulesDefinition, ApiFailure>> {
    const mismatch = mismatchOf('rules', await this.inForce(), preconditions);
    return mismatch ? failed(mismatch) : ok({ namespaces });
  }

  /** Puts rules in force; those that are in force as sent are left as they are. */
  async put(
    body: RulesBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutRules, ApiFailure>> {
    const changed = await this.changes.change(this.#definitions, RULES_ID, by, (stored) => {
      const mismatch = mismatchOf('rules', shownRules(stored), preconditions);
      return mismatch ? failed(mismatch) : ok(this.wanted(body, stored));
    });
    if (!changed.ok) return changed;
    this.forget();
    const { definition, isUnderWay } = changed.value;
    return ok({ rules: shownRules(definition), isUnderWay });
  }

  /** What is to become of the rules by what is sent. */
  wanted(
    body: Pick<RulesBody, 'namespaces'>,
    stored: Definition<IdentityRulesMessage> | undefined,
  ): Change<IdentityRulesMessage> {
    const namespaces = shown(body);
    if (isDeepStrictEqual(shownRules(stored).namespaces, namespaces)) return 'keep';
    const updatedAt = toInstant(this.clock.now());
    return { put: { workspaceId: currentWorkspace(), namespaces, updatedAt } };
  }

  /** Others have changed the rules: what was read of them is not good any more. */
  forget(): void {
    this.#lastRead.delete(currentWorkspace());
  }

  /** Back to the built-in ones: as a version, so that it grows. */
  async reset(preconditions: Preconditions, by: ByWhom): Promise<Result<PutRules, ApiFailure>> {
    return this.put(DEFAULT_RULES, preconditions, by);
  }

  /** Puts a version in force once more, as a new one. */
  async restore(
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutRules, ApiFailure>> {
    const found = await this.#definitions.version(RULES_ID, version);
    if (!found?.value) return failed(noVersion(version));
    const fault = RULES.faultOf?.(found.value);
    if (fault !== undefined) return failed({ code: 'invalid_request', message: fault });
    return this.put({ namespaces: found.value.namespaces }, preconditions, by);
  }

  async versions(query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(
      this.#definitions,
      RULES_ID,
      query,
      ({ workspaceId: _workspaceId, ...rules }) => rules,
    );
  }
}

/** Those that are stored; without, the built-in ones. */
export function shownRules(stored: Definition<IdentityRulesMessage> | undefined): ShownRules {
  if (!stored) return { namespaces: shown(DEFAULT_RULES), version: -1, updatedAt: null };
  const { namespaces, updatedAt } = stored.value;
  return { namespaces, version: stored.version, updatedAt };
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
