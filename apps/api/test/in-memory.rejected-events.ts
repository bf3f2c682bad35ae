import {
  idOf,
  type GroupDimension,
  type RejectedEvents,
  type RejectedFilter,
  type RejectedGroup,
  type RejectedPlace,
  type Selection,
  type StoredRejection,
} from '../src/rejected/rejected-events.port.js';

/** For tests of what is above the tables. */
export class InMemoryRejectedEvents implements RejectedEvents {
  constructor(readonly stored: readonly StoredRejection[]) {}

  async list(_workspaceId: string, { filter, ids, order, after, limit }: Selection) {
    const sign = order === 'oldest-first' ? 1 : -1;
    const found = this.stored
      .filter((one) => matches(one, filter) && (ids?.includes(idOf(one)) ?? true))
      .filter((one) => after === undefined || sign * compare(one, after) > 0)
      .sort((a, b) => sign * compare(a, b));
    return Promise.resolve(found.slice(0, limit));
  }

  async whole(workspaceId: string, selection: Selection, maxCharacters: number) {
    const found = await this.list(workspaceId, { ...selection, limit: selection.limit + 1 });
    let characters = 0;
    const taken = found.filter(({ message }, at) => {
      characters += message.raw.length;
      return at < selection.limit && (at === 0 || characters <= maxCharacters);
    });
    return { taken, more: found.length > taken.length };
  }

  async byId(_workspaceId: string, id: string) {
    return Promise.resolve(this.stored.find((one) => idOf(one) === id));
  }

  async groups(
    _workspaceId: string,
    filter: RejectedFilter,
    by: readonly GroupDimension[],
    after: readonly string[],
    limit: number,
  ) {
    const groups = new Map<string, RejectedGroup>();
    for (const one of this.stored.filter((stored) => matches(stored, filter))) {
      const { message, receivedAt } = one;
      for (const { code, field } of message.reasons) {
        const all = { source: message.sourceId, route: message.route, code, field };
        const key = Object.fromEntries(
          Object.entries(all).map(([name, value]) => [
            name,
            by.includes(name as GroupDimension) ? value : '',
          ]),
        ) as typeof all;
        const known = groups.get(JSON.stringify(Object.values(key)));
        groups.set(JSON.stringify(Object.values(key)), {
          ...key,
          count: (known?.count ?? 0) + 1,
          firstAt: known?.firstAt ?? receivedAt,
          lastAt: receivedAt,
          last: { id: idOf(one), raw: message.raw, reasons: message.reasons },
        });
      }
    }
    const from = after.length > 0 ? JSON.stringify(after) : '';
    const found = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([key]) => key > from);
    return Promise.resolve(found.slice(0, limit).map(([, group]) => group));
  }
}

function matches({ message, receivedAt, replayedAt }: StoredRejection, filter: RejectedFilter): boolean {
  const { source, route, code, field, from, to, state } = filter;
  return (
    (source ?? message.sourceId) === message.sourceId &&
    (route ?? message.route) === message.route &&
    message.reasons.some((one) => (code ?? one.code) === one.code && (field ?? one.field) === one.field) &&
    (from === undefined || Date.parse(receivedAt) >= Date.parse(from)) &&
    (to === undefined || Date.parse(receivedAt) < Date.parse(to)) &&
    (state === 'all' || (state === 'replayed') === (replayedAt !== undefined))
  );
}

function compare(a: RejectedPlace, b: RejectedPlace): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt ? -1 : 1;
  return a.partition - b.partition || a.offset - b.offset;
}
