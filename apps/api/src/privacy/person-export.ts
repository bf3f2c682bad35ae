import { Injectable } from '@nestjs/common';
import { failed, ok, type Identifier, type Result } from '@tributary/kernel';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { ApiFailure } from '../http/api.errors.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { ofPerson, parametersOf, PERSON_TABLES } from './person-rows.js';
import { RequestsStore, shownRequest, type RequestRow } from './requests.store.js';

const EXPIRED: ApiFailure = {
  code: 'export_not_available',
  message:
    'The request is no export that is done, or it was done more than a day ago: make another privacy request of the type export.',
};

/** Everything that the tables hold of a person, row by row. */
@Injectable()
export class PersonExport {
  constructor(
    private readonly clickhouse: ClickHouseReader,
    private readonly store: RequestsStore,
  ) {}

  async lines(id: string): Promise<Result<AsyncGenerator<string>, ApiFailure>> {
    const workspace = currentWorkspace();
    const row = await this.store.find(id, workspace);
    if (row?.type !== 'export' || row.status !== 'done' || !row.identifiers) return failed(EXPIRED);
    return ok(this.#lines(row, workspace));
  }

  /** It is read when the request that asked for it has been handled. */
  async *#lines(row: RequestRow, workspace: string): AsyncGenerator<string> {
    const identifiers = (row.identifiers ?? []) as readonly Identifier[];
    const profiles = row.profiles ?? [];
    const request = { ...shownRequest(row), profiles };
    yield `${JSON.stringify({ store: 'privacy_requests', row: request })}\n`;
    const parameters = parametersOf({ identifiers, profiles });
    for (const table of PERSON_TABLES) {
      const query = `SELECT * FROM ${table.table} WHERE ${ofPerson(table)}`;
      const store = JSON.stringify(table.table);
      for await (const rows of this.clickhouse.texts(query, parameters, workspace))
        if (rows.length > 0) yield rows.map((text) => `{"store":${store},"row":${text}}\n`).join('');
    }
  }
}
