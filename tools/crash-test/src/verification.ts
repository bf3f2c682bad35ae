import { verify } from '@tributary/verify';
import type { VerifySummary } from './report.js';
import type { Rig } from './rig.js';

const SETTLE_MS = 60_000;

/** Recomputes everything from the log and compares; undefined where that is not built yet. */
export async function verification(rig: Rig): Promise<VerifySummary | undefined> {
  try {
    return await verify({
      brokers: rig.brokers,
      clickhouseUrl: rig.clickhouseUrl,
      apiUrl: rig.urlOf('api'),
      apiToken: rig.apiToken,
      settleMs: SETTLE_MS,
    });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('not there yet')) return undefined;
    throw error;
  }
}
