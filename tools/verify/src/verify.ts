import type { Subject, VerifyReport } from './report.js';

/** What is verified, and how much of it. */
export interface VerifyOptions {
  readonly brokers: string;
  readonly clickhouseUrl: string;
  /** Absent: the api is not asked. */
  readonly apiUrl?: string | undefined;
  readonly apiToken?: string | undefined;
  /** Absent: everything. */
  readonly only?: Exclude<Subject, 'events'> | undefined;
  /** The share of profiles that are compared, 0 to 1; 1 unless given. */
  readonly sample?: number | undefined;
  /** The instant at which audiences are judged, in milliseconds since 1970; unless given, that of the cut. */
  readonly at?: number | undefined;
  /** How long the pipeline may take to come to the cut, in milliseconds; 60,000 unless given. */
  readonly settleMs?: number | undefined;
  /** How many differences are kept with their details; 20 unless given. */
  readonly keep?: number | undefined;
  /** Takes lines for people. */
  readonly say?: ((line: string) => void) | undefined;
}

/** Recomputes from the event log what the platform streamed, and lists where the two differ. Reads only. */
export function verify(options: VerifyOptions): Promise<VerifyReport> {
  return Promise.reject(new Error(`not there yet: ${options.brokers}`));
}
