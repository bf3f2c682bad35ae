import { verify, type VerifyReport } from '@tributary/verify';
import type { Harness } from './harness.js';

// A machine that is at its limit takes its time; a pipeline that is stuck is found before, at rest.
const SETTLE_MS = 120_000;

/** Recomputes everything from the log, and compares topics, tables and the api with it. */
export function verification(harness: Harness): Promise<VerifyReport> {
  return verify({
    brokers: harness.brokers.direct,
    clickhouseUrl: harness.clickhouseUrl,
    api: { url: harness.urlOf('api'), token: harness.apiToken },
    settleMs: SETTLE_MS,
  });
}
