import { compileAggregate, type EventAggregate, type EventTest } from '@tributary/audiences';
import type { EventMessage, Activation } from '@tributary/contracts';

interface Compiled {
  readonly aggregate: EventAggregate;
  readonly matches: EventTest;
}

/** The aggregates activated so far in one partition. Plain JSON. */
export interface AggregatesState {
  activated: Record<
    string,
    { readonly workspaceId: string; readonly aggregate: EventAggregate; readonly from: number }
  >;
}

/** Finds the aggregates that an event is one of, without asking those of other event names. */
export class ActiveAggregates {
  readonly #byName = new Map<string, Compiled[]>();

  constructor(readonly state: AggregatesState) {
    for (const { workspaceId, aggregate } of Object.values(state.activated))
      this.#index(workspaceId, aggregate);
  }

  /** Takes an activation in; answers whether it is the first of its aggregate in this partition. */
  activate({ workspaceId, aggregate: hash, definition }: Activation, offset: number): boolean {
    const key = `${workspaceId}/${hash}`;
    if (this.state.activated[key]) return false;
    const aggregate = definition as unknown as EventAggregate;
    this.state.activated[key] = { workspaceId, aggregate, from: offset };
    this.#index(workspaceId, aggregate);
    return true;
  }

  matching(event: EventMessage): readonly EventAggregate[] {
    const name = (event.type === 'track' ? event.event : event.name) ?? '';
    const candidates = [
      ...(this.#byName.get(`${event.workspaceId} ${event.type} ${name}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} ${event.type}`) ?? []),
      ...(this.#byName.get(`${event.workspaceId} any`) ?? []),
    ];
    return candidates.filter(({ matches }) => matches(event)).map(({ aggregate }) => aggregate);
  }

  #index(workspaceId: string, aggregate: EventAggregate): void {
    const name = aggregate.call === 'any' || aggregate.name === undefined ? '' : ` ${aggregate.name}`;
    const key = `${workspaceId} ${aggregate.call}${name}`;
    const compiled = { aggregate, matches: compileAggregate(aggregate) };
    this.#byName.set(key, [...(this.#byName.get(key) ?? []), compiled]);
  }
}
