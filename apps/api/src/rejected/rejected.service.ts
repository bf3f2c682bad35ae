import { Injectable } from '@nestjs/common';
import { REPLAY_LIMITS, type ReplayAnswer } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import { keyBefore, NO_CURSOR, pageOf, type ListScope, type Page } from '../http/page.js';
import { ClickHouseRejectedEvents } from './clickhouse.rejected-events.js';
import { HttpReplayer } from './http.replayer.js';
import { rawText, type RawText } from './raw-text.js';
import { idOf, type RejectedPlace, type StoredRejection } from './rejected-events.js';
import type { RejectedFilter } from './rejected.dto.js';
import type { RejectedGroupsQuery, RejectedQuery, ReplayBody } from './rejected.dto.js';
import { reportOf, type ReplayReport } from './replay-report.js';

/** One rejected record as it is shown. */
export type ShownRejection = Omit<StoredRejection['message'], 'raw' | 'workspaceId' | 'parsed'> & {
  readonly id: string;
  readonly raw: RawText;
  readonly replayedAt?: string;
};

const EITHER: ApiFailure = {
  code: 'invalid_request',
  message: 'Send either ids or filter; {} as filter means all that are open.',
};

@Injectable()
export class RejectedService {
  constructor(
    private readonly rejected: ClickHouseRejectedEvents,
    private readonly replayer: HttpReplayer,
  ) {}

  async list(query: RejectedQuery): Promise<Result<Page<ShownRejection>, ApiFailure>> {
    const { limit, cursor, ...filter } = query;
    const scope = { list: 'rejected', filter };
    const after = placeOf(cursor, scope);
    if (!after.ok) return after;
    const found = await this.rejected.list({
      filter,
      order: 'newest-first',
      limit: limit + 1,
      ...(after.value ? { after: after.value } : {}),
    });
    const page = pageOf(found, limit, scope, keyOf);
    return ok({ ...page, data: page.data.map(shown) });
  }

  async byId(id: string): Promise<Result<ShownRejection, ApiFailure>> {
    const found = await this.rejected.byId(id);
    return found
      ? ok(shown(found))
      : failed({ code: 'rejected_not_found', message: 'There is no such record.' });
  }

  async groups({ limit, cursor, by, ...filter }: RejectedGroupsQuery) {
    const scope = { list: 'rejected groups', filter: { ...filter, by } };
    const key = keyBefore(cursor, scope);
    if (!key.ok) return key;
    const after = key.value === '' ? [] : groupKey(key.value);
    if (!after) return failed(NO_CURSOR);
    const groups = await this.rejected.groups(filter, by.split(','), after, limit + 1);
    const page = pageOf(groups, limit, scope, ({ source, route, code, field }) =>
      JSON.stringify([source, route, code, field]),
    );
    const data = page.data.map(({ last, ...group }) => ({
      ...Object.fromEntries(Object.entries(group).filter(([, value]) => value !== '')),
      sample: { id: last.id, reasons: last.reasons, raw: rawText(last.raw, Infinity).text },
    }));
    return ok({ ...page, data });
  }

  /** Replays one page of what is asked for, oldest first. */
  async replay(body: ReplayBody): Promise<Result<ReplayReport, ApiFailure>> {
    if (!body.ids === !body.filter) return failed(EITHER);
    const { ids, filter, mapping = [], bodyMapping = [], repair, dryRun, limit, samples } = body;
    const plain: Omit<RejectedFilter, 'state'> = Object.assign({}, filter);
    const scope = { list: 'replay', filter: { ...plain, ids } };
    const after = placeOf(body.cursor, scope);
    if (!after.ok) return after;
    const selection = {
      filter: { ...plain, state: 'open' },
      order: 'oldest-first',
      limit,
      ...(ids ? { ids } : {}),
      ...(after.value ? { after: after.value } : {}),
    } as const;
    const { taken, more } = await this.rejected.whole(selection, REPLAY_LIMITS.rawCharacters);
    const records = taken.map(({ partition, offset, message }) => ({ partition, offset, rejected: message }));
    const mending = { body: [...bodyMapping], calls: [...mapping], ...(repair ? { repair } : {}) };
    const request = { dryRun, mapping: mending, samples, records };
    const replayed: Result<ReplayAnswer, ApiFailure> =
      records.length > 0 ? await this.replayer.replay(request) : ok({ outcomes: [] });
    if (!replayed.ok) return replayed;
    const { cursor } = pageOf(more ? [...taken, ...taken.slice(-1)] : taken, taken.length, scope, keyOf);
    const known = new Set(taken.map(idOf));
    const skipped = more ? [] : (ids ?? []).filter((id) => !known.has(id));
    return ok({ ...reportOf(dryRun, replayed.value), skipped, cursor });
  }
}

function shown({ message, rawBytes, replayedAt, ...place }: StoredRejection): ShownRejection {
  const { raw, workspaceId: _workspace, parsed: _parsed, ...rest } = message;
  return {
    id: idOf(place),
    ...rest,
    raw: rawText(raw, rawBytes),
    ...(replayedAt === undefined ? {} : { replayedAt }),
  };
}

function keyOf({ receivedAt, partition, offset }: RejectedPlace): string {
  return `${receivedAt} ${partition} ${offset}`;
}

function placeOf(
  cursor: string | undefined,
  scope: ListScope,
): Result<RejectedPlace | undefined, ApiFailure> {
  const key = keyBefore(cursor, scope);
  if (!key.ok || key.value === '') return key.ok ? ok(undefined) : key;
  const [, receivedAt = '', partition, offset] = /^(\S+) (\d{1,5}) (\d{1,15})$/.exec(key.value) ?? [];
  if (Number.isNaN(Date.parse(receivedAt))) return failed(NO_CURSOR);
  return ok({ receivedAt, partition: Number(partition), offset: Number(offset) });
}

function groupKey(text: string): readonly string[] | undefined {
  try {
    const key: unknown = JSON.parse(text);
    return Array.isArray(key) && key.length === 4 && key.every((part) => typeof part === 'string')
      ? key
      : undefined;
  } catch {
    return undefined;
  }
}
