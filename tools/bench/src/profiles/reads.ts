/** What is to be read, where and how. */
export interface ReadsOptions {
  /** The address of the api. */
  readonly url: string;
  readonly token: string;
  /** Read in turn. */
  readonly paths: readonly string[];
  /** Reads a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What became of it. */
export interface Reads {
  readonly answered: number;
  /** Answered with anything but 200, or not at all. */
  readonly failed: number;
  /** Answered by the processor that holds the profile. */
  readonly ofState: number;
  /** From the instant at which a read was to be sent to the last byte of its answer, in milliseconds. */
  readonly latenciesMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
}

/** What the process answers that reads. */
export type ReadsAnswer = { readonly reads: Reads } | { readonly failed: string };
