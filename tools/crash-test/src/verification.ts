import { verify, type VerifyReport } from '@tributary/verify';
import type { Rig } from './rig.js';

// A machine that is at its limit takes its time; a pipeline that is stuck is found before, at rest.
const SETTLE_MS = 120_000;

/** Recomputes everything from the log, and compares topics, tables and the api with it. */
export function verification(rig: Rig): Promise<VerifyReport> {
  return verify({
    brokers: rig.brokers.direct,
    clickhouseUrl: rig.clickhouseUrl,
    api: { url: rig.urlOf('api'), token: rig.apiToken },
    settleMs: SETTLE_MS,
  });
}
