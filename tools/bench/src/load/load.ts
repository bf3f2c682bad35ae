import type { TrafficKind } from '@tributary/harness/people';

/** What fits into memory without a thought. */
export const MOST_PREPARED_EVENTS = 100_000;

/** What is to be sent, where to and how. */
export interface LoadOptions {
  /** The collector's address. */
  readonly url: string;
  /** Part of every identifier, so that no two loads share a visitor. */
  readonly name: string;
  readonly kind: TrafficKind;
  readonly events: number;
  /** Where people return: the load of newcomers that brought them, of as many connections and events a request. */
  readonly known?: { readonly name: string; readonly events: number };
  /** Events of a request: more than one go to `/v1/batch`, one alone to the route of its type. */
  readonly batch: number;
  /** How many requests are under way at once. */
  readonly connections: number;
  /** Events a second, over all connections. Absent: as fast as it goes, each connection waiting for its answers. */
  readonly rate?: number;
  /** Whether all bodies are made, in memory, before the first is sent: for at most `MOST_PREPARED_EVENTS`. */
  readonly prepared: boolean;
}

/** What became of it. */
export interface Sent {
  readonly events: number;
  /** How many people the events are of. */
  readonly visitors: number;
  readonly bytes: number;
  /** When the first request was made, by `monotonicMs`. */
  readonly startedAt: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Requests that were answered 429 or 503 and made again. */
  readonly refused: number;
  /** From a request to the answer that accepted it. */
  readonly requestMs: { readonly p50: number; readonly p99: number };
  /** When the event was accepted by which a user is to enter the audience; by `monotonicMs`. */
  readonly entering: readonly (readonly [userId: string, acceptedAt: number])[];
}

/** What the load process answers. */
export type LoadAnswer = { readonly sent: Sent } | { readonly failed: string };
