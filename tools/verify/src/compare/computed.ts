import { TOPICS, type ProfileMessage } from '@tributary/contracts';
import { parseScopedKey } from '@tributary/kernel';
import type { Activations } from '../recompute/activations.js';
import { computedOf } from '../recompute/computed.js';
import type { Trait } from '../recompute/definitions.js';
import { eventsBehind, type History } from '../recompute/history.js';
import type { Comparison } from './comparison.js';
import { isSameJson, jsonOf } from './json.js';

/**
 * Compares the computed traits of profiles with what their events come to: as of the instant of the record or, where that
 * is earlier, of the verification, for nothing has to be published of what did not change. How long ago something was is
 * compared as of the record alone.
 */
export function computedComparison(
  comparison: Comparison,
  traits: ReadonlyMap<string, Trait>,
  { activations, at }: { readonly activations: Activations; readonly at: number },
): (history: History) => void {
  const find = comparison.scratch.db.prepare('SELECT body FROM profiles WHERE key = ?');
  const byWorkspace = Map.groupBy(
    [...traits.values()].filter(({ of }) => of === 'people'),
    ({ workspaceId }) => workspaceId,
  );
  return (history) => {
    const row = find.get(history.profile) as { readonly body: Uint8Array } | undefined;
    const { workspaceId } = parseScopedKey(history.profile);
    const said = row && (jsonOf(row.body) as Partial<ProfileMessage>);
    // Whether the profile itself is right is compared elsewhere.
    if (history.events.length === 0 || !said?.computed || said.truncated?.includes('computed')) return;
    const saidAt = Date.parse(said.at ?? '');
    const expected: Record<string, unknown> = {};
    for (const { key, trait } of byWorkspace.get(workspaceId) ?? []) {
      comparison.count('computed traits');
      const ofRecord = trait.reducer.op.startsWith('time_since');
      const value = computedOf(trait, history, ofRecord ? saidAt : Math.max(saidAt, at), (aggregate) =>
        activations.boundOf(workspaceId, aggregate.hash),
      );
      if (value !== undefined) expected[key] = value;
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
