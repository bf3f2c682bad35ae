import { compileLeaf, type EventLeaf, type EventTest } from '@tributary/audiences';
import type { EventMessage, LeafAnnouncement } from '@tributary/contracts';

interface Compiled {
  readonly leaf: EventLeaf;
  readonly matches: EventTest;
}

/** The leaves announced so far in one partition. Plain JSON. */
export interface LeavesState {
  announced: Record<
    string,
    { readonly workspaceId: string; readonly leaf: EventLeaf; readonly from: number }
  >;
}

/** Finds the leaves that an event is one of, without asking those of other event names. */
export class AnnouncedLeaves {
  readonly #byName = new Map<string, Compiled[]>();

  constructor(readonly state: LeavesState) {
    for (const { workspaceId, leaf } of Object.values(state.announced)) this.#index(workspaceId, leaf);
  }

  /** Takes an announcement in; answers whether it is the first of its leaf in this partition. */
  announce({ workspaceId, leaf: hash, definition }: LeafAnnouncement, offset: number): boolean {
    const key = `${workspaceId}/${hash}`;
    if (this.state.announced[key]) return false;
    const leaf = definition as unknown as EventLeaf;
    this.state.announced[key] = { workspaceId, leaf, from: offset };
    this.#index(workspaceId, leaf);
    return true;
  }

  matching(event: EventMessage): readonly EventLeaf[] {
    const name = (event.type === 'track' ? event.event : event.name) ?? '';
    const candidates = [
      ...(this.#byName.get(`${event.workspaceId} ${event.type} ${name}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} ${event.type}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} any`) ?? []),
    ];
    return candidates.filter(({ matches }) => matches(event)).map(({ leaf }) => leaf);
  }

  #index(workspaceId: string, leaf: EventLeaf): void {
    const name = leaf.call === 'any' || leaf.name === undefined ? '' : ` ${leaf.name}`;
    const key = `${workspaceId} ${leaf.call}${name}`;
    const compiled = { leaf, matches: compileLeaf(leaf) };
    this.#byName.set(key, [...(this.#byName.get(key) ?? []), compiled]);
  }
}
