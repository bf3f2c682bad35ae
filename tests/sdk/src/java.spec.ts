import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CollectorUnderTest } from './collector-under-test.js';
import { callsIn, expectedOf, publishedBy } from './comparison.js';
import { JavaSender } from './java.js';
import { Recorder } from './recorder.js';

jest.setTimeout(180_000);

const stack = new AsyncDisposableStack();
let collector: CollectorUnderTest;
let recorder: Recorder;
beforeAll(async () => {
  collector = await CollectorUnderTest.start(stack);
  recorder = stack.adopt(await Recorder.before(collector.url), (one) => one.close());
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  recorder.sent.length = 0;
  collector.forgetEvents();
});

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'];

describe.each([
  ['Segment', '/v1/import/'],
  ['RudderStack', '/v1/batch'],
] as const)("%s's library for Java, with nothing but its address set", (library, path) => {
  let sender: JavaSender;
  beforeAll(async () => {
    sender = await JavaSender.with(library);
  });
  afterAll(async () => {
    await sender.remove();
  });

  it('loses none of sixty calls, of which the first request met a 503', async () => {
    recorder.refuseNext();
    const said = await sender.send(recorder.url, collector.writeKey, 'all');
    const ids = TYPES.flatMap((type) => Array.from({ length: 10 }, (_, i) => `${type}-${i}`));
    expect([...said].sort()).toEqual(ids.map((id) => `success ${id}`).sort());
    const taken = recorder.sent.filter(({ status }) => status === 200);
    expect(recorder.sent.filter(({ status }) => status !== 200).map(({ status }) => status)).toEqual([503]);
    expect(taken.map((sent) => sent.path)).toEqual(taken.map(() => path));
    const calls = callsIn(taken);
    const events = await collector.eventsOf(ids);
    expect(events).toHaveLength(60);
    const byId = new Map(events.map((event) => [event.messageId, publishedBy(event)]));
    expect(calls.map(({ messageId }) => byId.get(String(messageId)))).toEqual(
      calls.map((call) => expectedOf(call)),
    );
  });

  it('gives a call up that is refused, at once, and goes on with the next', async () => {
    expect(await sender.send(recorder.url, collector.writeKey, 'refused')).toEqual([
      'failure refused',
      'success good',
    ]);
    expect(recorder.sent.map(({ status }) => status)).toEqual([400, 200]);
    await collector.eventsOf(['good']);
  });
});
