/** What a retrying part needs from outside, so that its specs need no waiting. */
export interface RetryPort {
  /** Resolves after so many milliseconds. */
  readonly delay: (ms: number) => Promise<void>;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export interface RetryOptions {
  readonly port: RetryPort;
  /** Called after each failure; throwing here ends the retrying with that error. */
  readonly onFailure: (error: unknown) => void;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** Time and chance as they are. */
export const systemRetryPort: RetryPort = {
  delay: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
  random: Math.random,
};

/**
 * Does the work until it succeeds, for ever. Between attempts it waits for half of the delay and a random part of the
 * other half; the delay doubles from 100 ms to 5 s unless set otherwise.
 */
export async function retryForever<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { port, onFailure } = options;
  const longest = options.longestDelayMs ?? LONGEST_DELAY_MS;
  for (let delay = options.firstDelayMs ?? FIRST_DELAY_MS; ; delay = Math.min(delay * 2, longest)) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
    }
    await port.delay(delay / 2 + (port.random() * delay) / 2);
  }
}
