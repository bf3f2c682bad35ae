import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CollectorUnderTest } from './collector-under-test.js';
import { callsIn, expectedOf, toldBy } from './comparison.js';
import { PythonSender } from './python.js';
import { Recorder } from './recorder.js';

jest.setTimeout(180_000);

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const IDS = TYPES.flatMap((type) => Array.from({ length: 10 }, (_, i) => `${type}-${i}`));

let collector: CollectorUnderTest;
let recorder: Recorder;
let python: PythonSender;
beforeAll(async () => {
  python = await PythonSender.install();
  collector = await (await CollectorUnderTest.start()).follow();
  recorder = await Recorder.before(collector.url);
});
afterAll(async () => {
  await recorder.close();
  await collector.stop();
  await python.remove();
});
beforeEach(() => {
  recorder.sent.length = 0;
  collector.events.length = 0;
});

describe.each(['Segment', 'RudderStack'] as const)("%s's library for Python", (library) => {
  it('loses none of sixty calls, of which the first request met a 503', async () => {
    recorder.refuseNext();
    expect(await python.send(library, recorder.url, collector.writeKey, 'all')).toEqual([]);
    const statuses = recorder.sent.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200)).toEqual([503]);
    const calls = callsIn(recorder.sent.filter(({ status }) => status === 200));
    const events = await collector.eventsOf(IDS);
    expect(events).toHaveLength(60);
    const byId = new Map(events.map((event) => [event.messageId, toldBy(event)]));
    expect(calls.map(({ messageId }) => byId.get(String(messageId)))).toEqual(
      calls.map((call) => expectedOf(call)),
    );
  });

  it('gives a call up that is refused, without a retry, and goes on with the next', async () => {
    const failures = await python.send(library, recorder.url, collector.writeKey, 'refused');
    expect(failures).toEqual(['failure refused']);
    expect(recorder.sent.map(({ status }) => status)).toEqual([400, 200]);
    expect((await collector.eventsOf(['good'])).map(({ event }) => event)).toEqual(['Good']);
  });
});
