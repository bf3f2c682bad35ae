import { caughtUp } from '@tributary/harness';
import type { BenchContext } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import type { TestBed } from './test-bed.js';

/**
 * Loads new profiles, an event each, as fast as it goes, and waits until every processor has folded them. Answers with the
 * events a second, from the first request until then.
 */
export async function growBy(
  bed: TestBed,
  profiles: number,
  name: string,
  say: BenchContext['say'],
): Promise<number> {
  say(`loading ${profiles.toLocaleString('en')} profiles …`);
  const { events, startedAt } = await bed.load.send({
    url: bed.platform.services.collector.url,
    name,
    kind: 'newcomers',
    events: profiles,
    batch: 20,
    connections: 16,
    prepared: false,
  });
  await caughtUp(bed.platform);
  return (events * 1_000) / (monotonicMs() - startedAt);
}
