import { namespaceOf, type Identifier } from '@tributary/kernel';
import type {
  BearingEvent,
  Ends,
  IdentityGraph,
  PartnerCount,
  Stay,
  StoredLink,
} from '../src/identity/graph/identity-graph.port.js';

/** An event as the table has it; the first identifier is the primary one. */
export interface InMemoryEvent extends BearingEvent {
  readonly identifiers: readonly Identifier[];
}

/** For tests of what is above the tables. */
export class InMemoryIdentityGraph implements IdentityGraph {
  readonly assigned: Stay[] = [];
  readonly links: StoredLink[] = [];
  readonly events: InMemoryEvent[] = [];

  async stays(identifiers: readonly Identifier[]): Promise<readonly Stay[]> {
    return Promise.resolve(this.assigned.filter(({ identifier }) => identifiers.includes(identifier)));
  }

  async assignedTo(profileId: string, limit: number): Promise<readonly Identifier[]> {
    const found = this.assigned.filter((stay) => stay.profileId === profileId);
    return Promise.resolve(found.map(({ identifier }) => identifier).slice(0, limit));
  }

  async linksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]> {
    const given = new Set(identifiers);
    const ends = (link: StoredLink) => link.ends.filter(({ identifier }) => given.has(identifier)).length;
    const found = this.links.filter((link) => ends(link) > 0);
    found.sort((a, b) => ends(b) - ends(a) || a.firstSeen - b.firstSeen);
    return Promise.resolve(found.slice(0, limit));
  }

  async eligibleLinksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]> {
    const found = await this.linksOf(identifiers, Infinity);
    return found.filter(({ ends }) => ends.every(({ refusal }) => refusal === '')).slice(0, limit);
  }

  async partnersOf(identifiers: readonly Identifier[]): Promise<readonly PartnerCount[]> {
    const counts = new Map<string, PartnerCount>();
    for (const { ends } of this.links) {
      for (const [me, other] of [ends, [ends[1], ends[0]] as const]) {
        if (!identifiers.includes(me.identifier)) continue;
        const [identifier, namespace] = [me.identifier, namespaceOf(other.identifier)];
        const key = `${identifier} ${namespace}`;
        const partners = (counts.get(key)?.partners ?? 0) + 1;
        counts.set(key, { identifier, namespace, partners });
      }
    }
    return Promise.resolve([...counts.values()]);
  }

  async firstEventOf(identifier: Identifier): Promise<number | undefined> {
    const own = this.events.filter(({ identifiers: [primary] }) => primary === identifier);
    return Promise.resolve(own.map(({ receivedAt }) => receivedAt).sort((a, b) => a - b)[0]);
  }

  async firstEvents(pairs: readonly Ends[], among: readonly Identifier[]) {
    const known = this.events
      .filter(({ identifiers: [primary] }) => primary !== undefined && among.includes(primary))
      .sort((a, b) => a.receivedAt - b.receivedAt || (a.messageId < b.messageId ? -1 : 1));
    return Promise.resolve(
      pairs.flatMap((ends) => {
        const first = known.find(({ identifiers }) => ends.every((z) => identifiers.includes(z)));
        if (!first) return [];
        const { identifiers: _identifiers, ...event } = first;
        return [{ ends, event }];
      }),
    );
  }
}
