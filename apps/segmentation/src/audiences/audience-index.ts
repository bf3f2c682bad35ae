import type { Aggregate } from '@tributary/audiences';
import { readBy, type Audience } from './audiences-in-force.js';

const AGGREGATE = 'aggregate/';

/** The definitions in force at a moment, by what reads what. */
export class AudienceIndex {
  /** By `workspaceId/key`, in their order. */
  readonly all: ReadonlyMap<string, Audience>;
  readonly #places = new Map<Audience, number>();
  readonly #workspaces = new Map<string, Audience[]>();
  readonly #readers = new Map<string, Map<string, Audience[]>>();
  /** By `workspaceId fact`, as they are asked for. */
  readonly #aggregates = new Map<string, Aggregate | undefined>();

  constructor(audiences: ReadonlyMap<string, Audience>) {
    this.all = new Map(audiences);
    for (const audience of audiences.values()) {
      this.#places.set(audience, this.#places.size);
      const { workspaceId } = audience;
      push(this.#workspaces, workspaceId, audience);
      const readers = this.#readers.get(workspaceId) ?? new Map<string, Audience[]>();
      this.#readers.set(workspaceId, readers);
      for (const fact of audience.facts) push(readers, fact, audience);
    }
  }

  /** Those of a workspace. */
  of(workspaceId: string): readonly Audience[] {
    return this.#workspaces.get(workspaceId) ?? [];
  }

  /** Whether any definition of a workspace depends on a fact. */
  isRead(workspaceId: string, fact: string): boolean {
    return this.#readers.get(workspaceId)?.has(fact) ?? false;
  }

  /** The aggregate that a fact is a state of, where a definition reads it. */
  aggregateOf(workspaceId: string, fact: string): Aggregate | undefined {
    if (!fact.startsWith(AGGREGATE)) return undefined;
    const key = `${workspaceId} ${fact}`;
    if (!this.#aggregates.has(key)) {
      const [reader] = this.#readers.get(workspaceId)?.get(fact) ?? [];
      const found = reader && readBy(reader).find(({ aggregate }) => fact === AGGREGATE + aggregate.hash);
      this.#aggregates.set(key, found?.aggregate);
    }
    return this.#aggregates.get(key);
  }

  /** Those that depend on one of the facts. */
  reading(workspaceId: string, facts: Iterable<string>): readonly Audience[] {
    const readers = this.#readers.get(workspaceId);
    return [...new Set([...facts].flatMap((fact) => readers?.get(fact) ?? []))];
  }

  /** In the order of all. */
  inOrder(audiences: Iterable<Audience>): readonly Audience[] {
    return [...audiences].sort((a, b) => (this.#places.get(a) ?? 0) - (this.#places.get(b) ?? 0));
  }
}

function push(lists: Map<string, Audience[]>, key: string, audience: Audience): void {
  const list = lists.get(key);
  if (list) list.push(audience);
  else lists.set(key, [audience]);
}
