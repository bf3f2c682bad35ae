import {
  aggregatesOf,
  aggregatesOfMerge,
  definitionHash,
  isScore,
  namedByWorkspace,
  parseTrait,
  resolve,
  traitNamesOf,
  type Aggregate,
  type AudienceDefinition,
  type ComputedTrait,
  type Merges,
  type MergeStrategy,
  type Named,
  type Score,
} from '@tributary/audiences';
import {
  TOPICS,
  type AudienceMessage,
  type ScoreBordersMessage,
  type TraitMessage,
  type TraitRuleMessage,
} from '@tributary/contracts';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import { wholeOf, type Log } from '../log/log.port.js';

/** An audience in force at the cut. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  /** With what it names in its place. */
  readonly definition: AudienceDefinition;
  /** Of the traits that it reads, those that are merged by a rule. */
  readonly merges: Merges;
  /** Of the definition in force, and of those before it. */
  readonly aggregates: readonly Aggregate[];
  /** The definition in force and those before it, as far as the topic still has them, by their hash. */
  readonly definitions: ReadonlyMap<string, AudienceDefinition>;
}

/** What an audience says at one time, and what it said before. */
interface Written {
  readonly workspaceId: string;
  readonly key: string;
  readonly versions: readonly AudienceDefinition[];
}

/** The audiences in force by the rules of traits and by the computed traits in force, by `workspaceId/key`. */
export async function readAudiences(
  log: Log,
  rules: Rules,
  traits: Traits,
): Promise<ReadonlyMap<string, Audience>> {
  const written = new Map<string, Written>();
  const versionsOf = new Map<string, AudienceDefinition[]>();
  const topic = TOPICS.audiences.name;
  await log.read(topic, await wholeOf(log, topic), ({ key: id, value }) => {
    if (!value) {
      written.delete(id);
      return;
    }
    const { workspaceId, key, definition } = JSON.parse(value.toString('utf8')) as AudienceMessage;
    const versions = versionsOf.get(id) ?? [];
    versions.push(definition as unknown as AudienceDefinition);
    versionsOf.set(id, versions);
    written.set(id, { workspaceId, key, versions });
  });
  const latest = [...written].flatMap(([id, { versions }]) => {
    const definition = versions.at(-1);
    return definition ? [[id, { definition }] as const] : [];
  });
  const named = namedByWorkspace(new Map(latest), traits.ofEvents);
  return new Map(
    [...written].flatMap(([id, one]) => {
      const audience = toAudience(one, named(one.workspaceId), rules);
      return audience ? [[id, audience] as const] : [];
    }),
  );
}

/** Its versions as of what they name now: what that was before, nobody can tell. Undefined where it names what is gone. */
function toAudience(
  { workspaceId, key, versions }: Written,
  named: Named,
  rules: Rules,
): Audience | undefined {
  const definitions = new Map<string, AudienceDefinition>();
  let last: Pick<Audience, 'definition' | 'merges'> | undefined;
  for (const version of versions) {
    const resolved = resolve(version, named, key);
    last = undefined;
    if (!resolved.ok) continue;
    const { definition } = resolved.value;
    const merges = mergesIn(rules, workspaceId, traitNamesOf(definition));
    definitions.set(definitionHash(definition), definition);
    definitions.set(definitionHash(definition, merges), definition);
    last = { definition, merges };
  }
  const aggregates = [...definitions.values()].flatMap(aggregatesOf);
  return last && { workspaceId, key, ...last, aggregates, definitions };
}

/** A computed trait in force at the cut. */
export interface Trait {
  readonly workspaceId: string;
  readonly key: string;
  readonly of: 'people' | 'accounts';
  readonly trait: ComputedTrait;
  /** In its normal form. */
  readonly query: string;
}

/** One that ranks another. */
export type RankingTrait = Omit<Trait, 'trait'> & { readonly score: Score };

/** The computed traits in force, by `workspaceId/key`. */
export interface Traits {
  readonly ofEvents: ReadonlyMap<string, Trait>;
  readonly scores: ReadonlyMap<string, RankingTrait>;
}

export async function readTraits(log: Log): Promise<Traits> {
  const ofEvents = new Map<string, Trait>();
  const scores = new Map<string, RankingTrait>();
  const topic = TOPICS.traits.name;
  await log.read(topic, await wholeOf(log, topic), ({ key: id, value }) => {
    ofEvents.delete(id);
    scores.delete(id);
    if (!value) return;
    const { workspaceId, key, query, of = 'people' } = JSON.parse(value.toString('utf8')) as TraitMessage;
    const parsed = parseTrait(query);
    if (!parsed.ok) return;
    if (isScore(parsed.value)) scores.set(id, { workspaceId, key, query, of, score: parsed.value });
    else ofEvents.set(id, { workspaceId, key, query, of, trait: parsed.value });
  });
  return { ofEvents, scores };
}

/** The borders of scores, by `workspaceId/key`. */
export async function readBorders(log: Log): Promise<ReadonlyMap<string, ScoreBordersMessage>> {
  const borders = new Map<string, ScoreBordersMessage>();
  const topic = TOPICS.scoreBorders.name;
  await log.read(topic, await wholeOf(log, topic), ({ key, value }) => {
    if (value) borders.set(key, JSON.parse(value.toString('utf8')) as ScoreBordersMessage);
    else borders.delete(key);
  });
  return borders;
}

/** How traits are merged where that is not by the latest, by `workspaceId/name`. */
export type Rules = ReadonlyMap<string, MergeStrategy>;

/** The rules of traits in force. */
export async function readRules(log: Log): Promise<Rules> {
  const rules = new Map<string, MergeStrategy>();
  const topic = TOPICS.traitRules.name;
  await log.read(topic, await wholeOf(log, topic), ({ key, value }) => {
    const merge = value && (JSON.parse(value.toString('utf8')) as TraitRuleMessage).merge;
    if (!merge || merge === 'latest') rules.delete(key);
    else rules.set(key, merge);
  });
  return rules;
}

/** The aggregates that a rule asks for, beside what audiences and computed traits do. */
export function aggregatesOfRule(key: string, strategy: MergeStrategy): readonly Aggregate[] {
  return aggregatesOfMerge(parseScopedKey(key).id, strategy).map(({ aggregate }) => aggregate);
}

function mergesIn(rules: Rules, workspaceId: string, names: readonly string[]): Merges {
  const found = names.flatMap((name) => {
    const merge = rules.get(scopedKey(workspaceId, name));
    return merge ? [[name, merge] as const] : [];
  });
  return Object.fromEntries(found);
}
