import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@tributary/service';
import { toInstant } from '@tributary/kernel';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { ApiError } from '../http/api.errors.js';
import { inWorkspace } from './current-workspace.js';

const SECONDS = 60;

/** How many events come to a workspace, as far as the tables have them. */
@Injectable()
export class ClickHouseEventRate {
  constructor(
    private readonly clickhouse: ClickHouseReader,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** In the last minute; null while ClickHouse does not answer. `now`: Unix time, milliseconds. */
  async perSecond(workspace: string, now: number): Promise<number | null> {
    const since = toInstant(now - SECONDS * 1_000);
    try {
      const [row] = await inWorkspace(workspace, () =>
        this.clickhouse.rows<{ readonly events: number }>(
          `SELECT toUInt64(count()) AS events FROM events_log
           WHERE workspace_id = {workspaceId:String} AND received_at >= parseDateTime64BestEffort({since:String}, 3, 'UTC')`,
          { since },
        ),
      );
      return Math.round(((row?.events ?? 0) / SECONDS) * 10) / 10;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.logger.warn({ err: error.cause }, 'the rate of events is unknown');
      return null;
    }
  }
}
