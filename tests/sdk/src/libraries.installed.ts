import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EventMessage } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { CollectorUnderTest } from './collector-under-test.js';
import { callsIn, differencesOf } from './comparison.js';
import { PythonSender } from './python.js';
import { Recorder } from './recorder.js';
import { textTable } from './text-table.js';

/** Installing takes minutes on a slow machine. */
jest.setTimeout(600_000);

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const IDS = TYPES.flatMap((type) => Array.from({ length: 10 }, (_, i) => `${type}-${i}`));

/** What is printed at the end: a line a library. */
const table: Readonly<Record<string, string | number>>[] = [];

const stack = new AsyncDisposableStack();
let collector: CollectorUnderTest;
let recorder: Recorder;
beforeAll(async () => {
  collector = await CollectorUnderTest.start(stack);
  recorder = stack.adopt(await Recorder.before(collector.url), (one) => one.close());
});
afterAll(async () => {
  await stack.disposeAsync();
  process.stdout.write(`\n${textTable(table)}\n\n`);
});
beforeEach(() => {
  recorder.sent.length = 0;
  collector.forgetEvents();
});

describe('for Python', () => {
  let sender: PythonSender;
  beforeAll(async () => {
    sender = await PythonSender.install();
  });
  afterAll(async () => {
    await sender.remove();
  });

  describe.each(['Segment', 'RudderStack'] as const)("%s's library", (maker) => {
    it('loses none of sixty calls, of which the first request met a 503', async () => {
      recorder.refuseNext();
      const before = Date.now();
      const failures = await sender.send(maker, recorder.url, collector.writeKey, 'all');
      const seconds = ((Date.now() - before) / 1_000).toFixed(1);
      const statuses = recorder.sent.map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200)).toEqual([503]);
      const calls = callsIn(recorder.sent.filter(({ status }) => status === 200));
      const events = await eventsOfAll(failures.length);
      const differences = calls.flatMap((call) =>
        differencesOf(call, byId(events).get(String(call.messageId))),
      );
      const lost = IDS.filter((id) => !byId(events).has(id));
      table.push({
        library: `${maker}, Python`,
        calls: calls.length,
        lost: lost.length,
        'differing fields': differences.length,
        seconds,
      });
      expect({ failures, lost, differences }).toEqual({ failures: [], lost: [], differences: [] });
      expect([calls.length, events.length]).toEqual([60, 60]);
    });

    it('sends what counts once, where it sends again what was taken', async () => {
      recorder.loseNextAnswer();
      expect(await sender.send(maker, recorder.url, collector.writeKey, 'all')).toEqual([]);
      const sent = callsIn(recorder.sent);
      expect(sent.length).toBeGreaterThan(60);
      const events = await eventually(() => collector.events, {
        until: ({ length }) => length >= sent.length,
      });
      // Of one primary identifier and one message id, one counts.
      const distinct = new Set(
        events.map((event) => JSON.stringify([event.identifiers[0], event.messageId])),
      );
      expect(distinct.size).toBe(60);
    });

    it('does not keep a good call waiting for one that is refused', async () => {
      const failures = await sender.send(maker, recorder.url, collector.writeKey, 'refused');
      expect(failures).toEqual(['failure refused']);
      expect(recorder.sent.map(({ status }) => status)).toEqual([400, 200]);
      expect((await collector.eventsOf(['good'])).map(({ event }) => event)).toEqual(['Good']);
    });
  });
});

async function eventsOfAll(failures: number): Promise<readonly EventMessage[]> {
  return eventually(() => [...collector.events], { until: ({ length }) => length + failures >= IDS.length });
}

function byId(events: readonly EventMessage[]): ReadonlyMap<string, EventMessage> {
  return new Map(events.map((event) => [event.messageId, event]));
}
