/** Whose library. */
export type Maker = 'Segment' | 'RudderStack';

/** Sixty calls, ten of each type; or a call that is refused, and then a good one. */
export type What = 'all' | 'refused';

/** After which a program that sends is ended: it waits for something that does not come. */
export const PATIENCE_MS = 120_000;

/** A program that sends with the libraries of a language. */
export interface Sender {
  /** Sends; answers `failure` and the message id of each call that the library gave up. */
  send(maker: Maker, url: string, writeKey: string, what: What): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** The lines that a program printed. */
export function linesOf(stdout: string): readonly string[] {
  return stdout.trim().split('\n').filter(Boolean);
}
