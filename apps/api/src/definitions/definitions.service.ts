import { Injectable } from '@nestjs/common';
import { may } from '@tributary/access';
import { errorAtCondition } from '@tributary/audiences';
import { RULES_ID, type AudienceMessage, type TraitMessage } from '@tributary/contracts';
import {
  Database,
  type Authorship,
  type Change,
  type ControlTables,
  type Definition,
  type Statements,
} from '@tributary/control';
import { failed, nameAdvice, ok, type Result } from '@tributary/kernel';
import type { Kysely } from 'kysely';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { namedIn, newFaults } from '../audiences/references.js';
import type { Caller } from '../access/caller.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import type { ApiFailure } from '../http/api.errors.js';
import { invalidRequest, problem, type Problem } from '../http/problems.js';
import { shownRules } from '../identity/rules/rules.service.js';
import { MOST_DEFINITIONS } from './definitions.bounds.js';
import { AudiencesSection } from './audiences.section.js';
import type { DefinitionsBody, ShownPlan } from './definitions.dto.js';
import { shownChange, shownPlan, type Plan, type PlannedChange } from './plan.js';
import { RulesSection } from './rules.section.js';
import { SECTIONS, type Planning, type Section, type SectionName, type Wanted } from './section.js';
import { SourcesSection } from './sources.section.js';
import { SplitsSection } from './splits.section.js';
import { TraitRulesSection } from './trait-rules.section.js';
import { TraitsSection } from './traits.section.js';

const FAULTS_SHOWN = 1_000;
/** Definitions that are looked at before other requests have their turn. */
const AT_A_TIME = 50;

interface Applied {
  readonly plan: ShownPlan;
  readonly isUnderWay: boolean;
}

/** All definitions of the workspace at once, as a repository has them. */
@Injectable()
export class DefinitionsService {
  readonly #sections: readonly Section<object>[];

  constructor(
    private readonly database: Database<ControlTables>,
    private readonly changes: DefinitionChanges,
    private readonly rules: RulesSection,
    sources: SourcesSection,
    audiences: AudiencesSection,
    traits: TraitsSection,
    traitRules: TraitRulesSection,
    splits: SplitsSection,
  ) {
    this.#sections = [rules, sources, audiences, traits, traitRules, splits];
  }

  async exported(withKeys: boolean): Promise<Record<SectionName, unknown>> {
    const exported = this.#sections.map(async (section) => [
      section.name,
      section.exported(await section.definitions.all(), withKeys),
    ]);
    return Object.fromEntries(await Promise.all(exported)) as Record<SectionName, unknown>;
  }

  /** What would be changed; nothing is. */
  async plan(body: DefinitionsBody, prune: boolean): Promise<Result<ShownPlan, ApiFailure>> {
    const plan = await this.database.run((statements) => this.#planned(statements, body, prune));
    return plan.ok ? ok({ applied: false, ...shownPlan(plan.value) }) : plan;
  }

  /** Changes all that differs, or nothing. A plan that has become another is refused. */
  async apply(
    body: DefinitionsBody,
    { prune, ifMatch }: { readonly prune: boolean; readonly ifMatch: string | undefined },
    { grant }: Pick<Caller, 'grant'>,
    by: ByWhom,
  ): Promise<Result<Applied, ApiFailure>> {
    const applied = await this.changes.changeAll(by, async (statements, authorship) => {
      const planned = await this.#planned(statements, body, prune);
      if (!planned.ok) return planned;
      const plan = { applied: true, ...shownPlan(planned.value) };
      const refused = mismatchOf(plan, ifMatch) ?? forbiddenOf(planned.value, grant);
      if (refused) return failed(refused);
      const seq = await this.#make(statements, planned.value, authorship);
      return ok({ plan, ...(seq === undefined ? {} : { seq }) });
    });
    if (applied.ok) for (const section of this.#sections) section.applied?.();
    return applied;
  }

  async #planned(
    statements: Kysely<ControlTables>,
    body: DefinitionsBody,
    prune: boolean,
  ): Promise<Result<Plan, ApiFailure>> {
    const wrong = tooMany(body);
    if (wrong.length > 0) return failed(invalidRequest(wrong));
    const stored = await this.rules.definitions.findIn(statements, RULES_ID);
    const planning: Planning = { statements, rules: shownRules(stored) };
    const parts: SectionPlan[] = [];
    for (const section of this.#sections) parts.push(await planOf(section, body, prune, planning));
    const problems = [
      ...unknownIn(body),
      ...parts.flatMap((part) => part.problems),
      ...referenceProblems(parts),
    ];
    if (problems.length > 0) return failed(invalidRequest(problems, FAULTS_SHOWN));
    const sum = (of: (part: SectionPlan) => number) => parts.reduce((total, part) => total + of(part), 0);
    return ok({
      changes: parts.flatMap(({ changes }) => changes),
      unchanged: sum(({ unchanged }) => unchanged),
      leftAlone: sum(({ leftAlone }) => leftAlone),
    });
  }

  async #make(
    statements: Statements<ControlTables>,
    { changes }: Plan,
    authorship: Authorship,
  ): Promise<number | undefined> {
    let last: number | undefined;
    for (const section of this.#sections) {
      const own = changes.filter((change) => change.section === section);
      const made = await section.definitions.changeIn(
        statements,
        new Map(own.map(({ id, change }) => [id, change])),
        authorship,
      );
      for (const { seq } of made.values()) last = seq ?? last;
    }
    return last;
  }
}

interface SectionPlan extends Plan {
  readonly name: SectionName;
  readonly problems: readonly Problem[];
  /** By id, as they are and as they will be. */
  readonly before: ReadonlyMap<string, object>;
  readonly after: ReadonlyMap<string, object>;
}

/** What is wrong with what audiences name, once all is changed. */
function referenceProblems(parts: readonly SectionPlan[]): readonly Problem[] {
  const namedAs = (which: 'before' | 'after') => {
    const of = (name: SectionName) => parts.find((part) => part.name === name)?.[which] ?? new Map();
    return namedIn(
      of('audiences') as ReadonlyMap<string, AudienceMessage>,
      of('traits') as ReadonlyMap<string, TraitMessage>,
    );
  };
  const after = namedAs('after');
  return [...newFaults(namedAs('before'), after)].map(([key, { nth, reason }]) => {
    const { query } = (parts.find(({ name }) => name === 'audiences')?.after.get(key) ??
      {}) as AudienceMessage;
    return problem(`audiences.${key}.query`, errorAtCondition(query, nth, reason).message);
  });
}

async function planOf(
  section: Section<object>,
  body: DefinitionsBody,
  prune: boolean,
  planning: Planning,
): Promise<SectionPlan> {
  const stored = new Map(
    (await section.definitions.allIn(planning.statements)).map((one) => [one.id, one] as const),
  );
  const there = [...stored.values()].filter(({ value }) => section.isThere(value));
  const { name } = section;
  const sent = body[name];
  const before = new Map([...stored].map(([id, { value }]) => [id, value]));
  if (sent === undefined) {
    const nothing = { changes: [], unchanged: 0, leftAlone: there.length, problems: [] };
    return { ...nothing, name, before, after: before };
  }
  const { entries, problems } = section.entriesIn(sent, stored, planning);
  const named = new Set(entries.map(({ id }) => id));
  const others = there.filter(({ id }) => !named.has(id));
  const found = [...problems];
  const changes: PlannedChange[] = [];
  const wanted: Wanted<object>[] = [];
  for (const [i, entry] of entries.entries()) {
    if (i % AT_A_TIME === 0) await turnOfOthers();
    const former = stored.get(entry.id);
    const change = await entry.change(former);
    if (!change.ok) found.push(...change.error);
    else if (typeof change.value === 'object') {
      const value = change.value.put;
      wanted.push({ entry, value });
      const shown = shownChange(section, entry, former, value, (one) => entry.show(one));
      changes.push({ section, id: entry.id, change: change.value, shown });
    }
  }
  const leaving = prune ? others.map(({ id }) => id) : [];
  found.push(...((await section.together?.(wanted, { stored, leaving }, planning)) ?? []));
  const staying = [...before].filter(([id]) => !leaving.includes(id));
  return {
    ...{ name, before },
    after: new Map([...staying, ...wanted.map(({ entry, value }) => [entry.id, value] as const)]),
    // What is removed makes room for what is created.
    changes: [...(prune ? others.flatMap((one) => removed(section, one)) : []), ...changes],
    unchanged: entries.length - changes.length,
    leftAlone: prune ? 0 : others.length,
    problems: found,
  };
}

function removed(section: Section<object>, before: Definition<object>): readonly PlannedChange[] {
  const change: Change<object> = section.removal(before);
  if (change === 'keep') return [];
  const { id } = before;
  const shown = shownChange(section, { id }, before, undefined, (one) => section.show(one));
  return [{ section, id, change, shown }];
}

function unknownIn(body: DefinitionsBody): readonly Problem[] {
  const names = Object.keys(body).filter((name) => !SECTIONS.includes(name as SectionName));
  return names.map((name) => problem(name, `is no kind of definitions; ${nameAdvice(name, [...SECTIONS])}`));
}

/** Before they are looked at: what is above the bound would take its time. */
function tooMany(body: DefinitionsBody): readonly Problem[] {
  const kinds = Object.values(body).filter((sent) => typeof sent === 'object' && sent !== null);
  const count = kinds.reduce((total, sent) => total + Object.keys(sent).length, 0);
  if (count <= MOST_DEFINITIONS) return [];
  return [problem('definitions', `are ${count}: at most ${MOST_DEFINITIONS} in one body`)];
}

/** Where nothing is to be changed, nothing can have come between. */
function mismatchOf({ digest, changes }: ShownPlan, ifMatch: string | undefined): ApiFailure | undefined {
  if (ifMatch === undefined || changes.length === 0) return undefined;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(`"${digest}"`)) return undefined;
  return {
    code: 'precondition_failed',
    message: 'What would be changed is not what was planned: definitions have changed since. Plan again.',
    details: { digest },
  };
}

function forbiddenOf({ changes }: Plan, grant: Caller['grant']): ApiFailure | undefined {
  const areas = [...new Set(changes.map(({ section }) => section.area))];
  const missing = areas.filter((area) => !may(grant, { scope: 'write', area }));
  if (missing.length === 0) return undefined;
  return {
    code: 'forbidden',
    message: `This changes ${missing.join(' and ')}, which needs the scope "write" and a role that may write them.`,
    details: { needs: missing.map((area) => ({ scope: 'write', area })), scopes: grant.scopes },
  };
}
