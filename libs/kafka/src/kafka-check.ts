import { performance } from 'node:perf_hooks';
import { KafkaConnection } from './connection.js';

/** A probe every now and then asks the broker; many at once do not. */
const KNOWN_FOR_MS = 1_000;

/**
 * A health check: whether a broker answers a request, without trying again.
 *
 * @throws KafkaUnreachableError where it does not
 */
export function kafkaCheck(of: KafkaConnection): () => Promise<boolean> {
  const { logger: _silent, ...options } = of.options;
  // Silent: whoever probes gets it, and the clients at work say what they meet.
  const connection = new KafkaConnection({ ...options, retries: 0 });
  of.onClose(() => connection.close());
  let known: { readonly answer: Promise<boolean>; readonly at: number } | undefined;
  return () => {
    if (!known || performance.now() - known.at > KNOWN_FOR_MS) {
      const answer = connection.withAdmin(async (admin) => {
        await admin.describeCluster();
        return true;
      });
      known = { answer, at: performance.now() };
    }
    return known.answer;
  };
}
