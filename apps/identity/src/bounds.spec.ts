import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { identifier, type Identifier } from '@tributary/kernel';
import { Platform } from '../test/platform.fixture.js';

/** What a stock broker takes. */
const MOST_BYTES = 1_048_576;
const BATCH = 500;
let platform: Platform;

beforeEach(async () => {
  platform = await Platform.start(2);
});
afterEach(() => platform.close());

const WRITTEN = [TOPICS.links, TOPICS.assignments, TOPICS.resolverState, TOPICS.observationsState];
const guest = identifier('user_id', 'visitor');
const device = (n: number) =>
  identifier('anonymous_id', `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

async function write(events: readonly (readonly Identifier[])[]): Promise<void> {
  for (let i = 0; i < events.length; i += BATCH) {
    platform.write(...events.slice(i, i + BATCH));
    await platform.settle();
  }
}

/** What devices from one on to another cost that all say who they are in one name. */
async function measured(from: number, to: number) {
  const counts = () => [TOPICS.links, TOPICS.assignments].map((topic) => platform.records(topic).length);
  const before = counts();
  const began = WRITTEN.map((topic) => platform.records(topic).length);
  await write(Array.from({ length: to - from }, (_, i) => [guest, device(from + i)]));
  await platform.checkpoint();
  const widest = WRITTEN.map((topic, i) =>
    Math.max(
      0,
      ...platform
        .records(topic)
        .slice(began[i])
        .map(({ value }) => value?.length ?? 0),
    ),
  );
  return {
    recordsAnEvent: counts().map((count, i) => (count - (before[i] ?? 0)) / (to - from)),
    widestRecord: Math.max(...widest),
    widestState: platform.widestState(),
  };
}

describe('one user on 50,000 devices', () => {
  it('costs no more records an event, no larger state and no larger record than on 5,000', async () => {
    await write(Array.from({ length: 2_500 }, (_, n) => [guest, device(n)]));
    const few = await measured(2_500, 5_000);
    await write(Array.from({ length: 42_500 }, (_, i) => [guest, device(5_000 + i)]));
    const many = await measured(47_500, 50_000);
    for (const [i, count] of many.recordsAnEvent.entries())
      expect(count).toBeLessThanOrEqual((few.recordsAnEvent[i] ?? 0) * 1.05);
    expect(many.widestState).toBeLessThanOrEqual(few.widestState);
    expect(many.widestRecord).toBeLessThanOrEqual(few.widestRecord * 1.05);
    expect(few.widestRecord).toBeLessThan(MOST_BYTES / 2);
  }, 300_000);
});
