import { Inject, Injectable } from '@nestjs/common';
import { RULES_ID, type IdentityRulesMessage } from '@tributary/contracts';
import { ControlPlane, DatabaseAwayError, type Change, type Definition } from '@tributary/control';
import { DEFAULT_RULES, type RulesDefinition } from '@tributary/identity';
import { failed, NOBODY, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { isDeepStrictEqual } from 'node:util';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import { DefinitionChanges, type ByWhom } from '../../control/definition-changes.js';
import { DefinitionResource, type Put } from '../../control/definition-resource.js';
import type { ShownVersion } from '../../control/versions.dto.js';
import type { ApiFailure } from '../../http/api.errors.js';
import type { PageQuery } from '../../http/page.dto.js';
import type { Page } from '../../http/page.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { RULES } from './rules.kind.js';
import type { RulesBody, ShownRules } from './rules.dto.js';

/** Readers of what flows do not ask the database each time, nor wait for it, and go on without it. */
const FRESH_MS = 1_000;
const GOOD_MS = 2_000;

const BUILT_IN_VERSION = -1;

type Sent = Pick<RulesBody, 'namespaces'>;
type PutRules = Result<Put<ShownRules>, ApiFailure>;

@Injectable()
export class RulesService {
  readonly #resource: DefinitionResource<IdentityRulesMessage, void, PageQuery, Sent, ShownRules>;
  /** By workspace, of which there are not many. */
  readonly #lastRead = new Map<string, { readonly rules: ShownRules; readonly at: number }>();
  readonly #reading = new Set<string>();

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#resource = new DefinitionResource(plane.definitions(RULES), changes, {
      what: 'rules',
      list: 'rules',
      idOf: () => RULES_ID,
      missing: () => {
        throw new Error('the built-in rules are always there');
      },
      builtIn,
      wanted: (_id, sent, before) => ok(this.wanted(sent, before)),
      restored: (_id, value, before) => {
        const fault = RULES.faultOf?.(value);
        if (fault !== undefined) return failed({ code: 'invalid_request', message: fault });
        return ok(this.wanted(value, before));
      },
      show: (stored) => stored.map(shownRules),
    });
  }

  /** The built-in ones where none were put. */
  async inForce(): Promise<ShownRules> {
    const rules = shownRules(await this.#resource.definitions.find(RULES_ID));
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
  async put(sent: Sent, preconditions: Preconditions, by: ByWhom): Promise<PutRules> {
    return this.#read(await this.#resource.put(undefined, sent, preconditions, by));
  }

  /** What is to become of the rules by what is sent. */
  wanted(sent: Sent, stored: Definition<IdentityRulesMessage> | undefined): Change<IdentityRulesMessage> {
    const namespaces = shown(sent);
    if (isDeepStrictEqual(shownRules(stored).namespaces, namespaces)) return 'keep';
    const updatedAt = toInstant(this.clock.now());
    return { put: { workspaceId: currentWorkspace(), namespaces, updatedAt } };
  }

  /** Others have changed the rules: what was read of them is not good any more. */
  forget(): void {
    this.#lastRead.delete(currentWorkspace());
  }

  /** Back to the built-in ones: as a version, so that it grows. */
  async reset(preconditions: Preconditions, by: ByWhom): Promise<PutRules> {
    return this.put(DEFAULT_RULES, preconditions, by);
  }

  /** Puts a version in force once more, as a new one. */
  async restore(version: number, preconditions: Preconditions, by: ByWhom): Promise<PutRules> {
    return this.#read(await this.#resource.restore(undefined, version, preconditions, by));
  }

  async versions(query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return this.#resource.versions(undefined, query);
  }

  #read(put: PutRules): PutRules {
    if (put.ok) this.forget();
    return put.ok ? ok({ ...put.value, created: false }) : put;
  }
}

/** As if somebody had put them when the platform began. */
function builtIn(): Definition<IdentityRulesMessage> {
  const namespaces = shown(DEFAULT_RULES);
  const value = { workspaceId: currentWorkspace(), namespaces, updatedAt: toInstant(0) };
  return { id: RULES_ID, value, version: BUILT_IN_VERSION };
}

/** Those that are stored; without, the built-in ones. */
export function shownRules(stored: Definition<IdentityRulesMessage> | undefined): ShownRules {
  const { value, version } = stored ?? builtIn();
  const updatedAt = version === BUILT_IN_VERSION ? null : value.updatedAt;
  return { namespaces: value.namespaces, version, updatedAt };
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
