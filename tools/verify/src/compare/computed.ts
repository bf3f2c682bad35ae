import type { Aggregate } from '@tributary/audiences';
import { TOPICS, type ProfileMessage, type ScoreBordersMessage } from '@tributary/contracts';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import type { Activations } from '../recompute/activations.js';
import { computedOf, hasCounted } from '../recompute/computed.js';
import type { Traits } from '../recompute/definitions.js';
import { eventsBehind, type History } from '../recompute/history.js';
import { bordersFault, scoreIn } from '../recompute/score.js';
import type { Comparison } from './comparison.js';
import { isSameJson, jsonOf } from './json.js';

/** What profiles are to show, and what is streamed beside them. */
export interface TraitsInForce {
  readonly traits: Traits;
  readonly borders: ReadonlyMap<string, ScoreBordersMessage>;
}

/**
 * Compares the computed traits of profiles with what their events come to: as of the instant of the record or, where that
 * is earlier, of the verification, for nothing has to be published of what did not change. How long ago something was is
 * compared as of the record alone. A score is compared with what the value comes to by the borders; these are looked at by
 * themselves.
 */
export function computedComparison(
  comparison: Comparison,
  { traits, borders }: TraitsInForce,
  { activations, at }: { readonly activations: Activations; readonly at: number },
): (history: History) => void {
  const find = comparison.scratch.db.prepare('SELECT body FROM profiles WHERE key = ?');
  const byWorkspace = Map.groupBy(
    [...traits.ofEvents.values()].filter(({ of }) => of === 'people'),
    ({ workspaceId }) => workspaceId,
  );
  const scoresIn = scoresByWorkspace(comparison, { traits, borders });
  return (history) => {
    const row = find.get(history.profile) as { readonly body: Uint8Array } | undefined;
    const { workspaceId } = parseScopedKey(history.profile);
    const said = row && (jsonOf(row.body) as Partial<ProfileMessage>);
    // Whether the profile itself is right is compared elsewhere.
    if (history.events.length === 0 || !said?.computed || said.truncated?.includes('computed')) return;
    const saidAt = Date.parse(said.at ?? '');
    const windowOf = (aggregate: Aggregate) => activations.boundOf(workspaceId, aggregate.hash);
    const expected: Record<string, unknown> = {};
    for (const { key, trait } of byWorkspace.get(workspaceId) ?? []) {
      comparison.count('computed traits');
      const ofRecord = trait.reducer.op.startsWith('time_since');
      const value = computedOf(trait, history, ofRecord ? saidAt : Math.max(saidAt, at), windowOf);
      if (value !== undefined) expected[key] = value;
    }
    for (const { key, score, ranked, borders: of } of scoresIn.get(workspaceId) ?? []) {
      comparison.count('scores');
      const value = expected[score.ranks];
      if (value === undefined || !hasCounted(ranked, history, Math.max(saidAt, at), windowOf)) continue;
      expected[key] = scoreIn(value, score, of);
    }
    for (const key of new Set([...Object.keys(expected), ...Object.keys(said.computed)])) {
      const found = said.computed[key];
      if (isSameJson(expected[key], found)) continue;
      comparison.differ(
        {
          subject: 'profiles',
          key: history.profile,
          where: `${TOPICS.profiles.name}, computed`,
          expected: { [key]: expected[key] },
          found: { [key]: found, at: said.at },
        },
        () => eventsBehind(history),
      );
    }
  };
}

/** The scores that have borders of the definitions in force; borders that cannot be right are a difference. */
function scoresByWorkspace(comparison: Comparison, { traits, borders }: TraitsInForce) {
  const scores = [...traits.scores].flatMap(([id, { workspaceId, key, score, query }]) => {
    const ranked = traits.ofEvents.get(scopedKey(workspaceId, score.ranks));
    const said = borders.get(id);
    if (!ranked || said?.query !== query || said.rankedQuery !== ranked.query) return [];
    const fault = bordersFault(score, said.borders);
    if (fault === undefined)
      return [{ workspaceId, key, score, ranked: ranked.trait, borders: said.borders }];
    const where = TOPICS.scoreBorders.name;
    comparison.differ(
      { subject: 'profiles', key: id, where, expected: 'borders in order', found: fault },
      () => [],
    );
    return [];
  });
  return Map.groupBy(scores, ({ workspaceId }) => workspaceId);
}
