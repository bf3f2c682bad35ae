import { definitionHash, parseQuery, wantedBy } from '@tributary/audiences';
import type { WantedAggregates } from '../src/fragments/aggregates-in-force.js';

/** What an audience of the workspace `w` asks to be folded. */
export function wantedByQuery(query: string): WantedAggregates {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const definition = parsed.value;
  return { workspaceId: 'w', definitionHash: definitionHash(definition), wanted: wantedBy(definition) };
}
