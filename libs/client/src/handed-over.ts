import type { TopicFollower } from '@tributary/kafka';
import type { HandOver } from './hand-over.js';

interface Ending {
  readonly signal: AbortSignal | undefined;
  /** When what was there at the start has been handed over. */
  readonly onCaughtUp: () => void;
  readonly onFatal: (error: unknown) => void;
}

/** What a follower hands over, until the loop or the signal ends it; then the follower stops. */
export async function* handedOver<T>(
  handOver: HandOver<T>,
  follower: TopicFollower,
  { signal, onCaughtUp, onFatal }: Ending,
): AsyncGenerator<T, void> {
  const close = () => {
    handOver.close();
  };
  signal?.addEventListener('abort', close);
  if (signal?.aborted) close();
  follower.start().then(onCaughtUp, onFatal);
  try {
    yield* handOver;
  } finally {
    signal?.removeEventListener('abort', close);
    close();
    await follower.stop();
  }
}
