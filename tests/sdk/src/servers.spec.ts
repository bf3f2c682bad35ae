import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jitsuAnalytics } from '@jitsu/js';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { eventually } from '@tributary/testing';
import { CollectorUnderTest } from './collector-under-test.js';
import { callsIn, expectedOf, publishedBy } from './comparison.js';
import { Recorder } from './recorder.js';

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
});

/** Waits until as many calls were sent, and holds each against its event. */
async function expectAllKept(types: readonly string[]): Promise<void> {
  const calls = await eventually(() => callsIn(recorder.sent), {
    until: ({ length }) => length >= types.length,
  });
  expect(calls.map(({ type }) => type)).toEqual(types);
  expect(recorder.sent.map(({ status }) => status)).toEqual(recorder.sent.map(() => 200));
  const events = await collector.eventsOf(calls.map(({ messageId }) => String(messageId)));
  const byId = new Map(events.map((event) => [event.messageId, publishedBy(event)]));
  expect(calls.map(({ messageId }) => byId.get(String(messageId)))).toEqual(
    calls.map((call) => expectedOf(call)),
  );
}

const ALL = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const ann = { userId: 'ann', anonymousId: 'laptop' };
const products = [
  { sku: 'a-1', price: 19.9 },
  { sku: 'Ünïcode ✓', price: 0 },
];

describe('@segment/analytics-node', () => {
  it('is understood in every call', async () => {
    const sdk = new Analytics({ writeKey: collector.writeKey, host: recorder.url, flushInterval: 50 });
    sdk.identify({ ...ann, traits: { email: 'ann@example.com', plan: 'pro' } });
    sdk.track({
      ...ann,
      event: 'Order Completed',
      properties: { total: 120.5, products },
      context: { locale: 'de' },
    });
    sdk.page({ ...ann, category: 'Shop', name: 'Home', properties: { url: 'https://shop.example/' } });
    sdk.screen({ ...ann, name: 'Basket' });
    sdk.group({ ...ann, groupId: 'acme', traits: { employees: 7 } });
    sdk.alias({ userId: 'ann', previousId: 'laptop' });
    await sdk.closeAndFlush();
    await expectAllKept(ALL);
  });
});

describe('@rudderstack/rudder-sdk-node', () => {
  it.each([true, false])('is understood in every call (gzip: %s)', async (gzip) => {
    const sdk = new RudderAnalytics(collector.writeKey, {
      dataPlaneUrl: recorder.url,
      gzip,
      flushInterval: 50,
    });
    sdk.identify({ ...ann, traits: { email: 'ann@example.com' } });
    sdk.track({ ...ann, event: 'Order Completed', properties: { total: 120.5, products } });
    sdk.page({ ...ann, category: 'Shop', name: 'Home', properties: { url: 'https://shop.example/' } });
    sdk.screen({ ...ann, name: 'Basket' });
    sdk.group({ ...ann, groupId: 'acme', traits: { employees: 7 } });
    sdk.alias({ userId: 'ann', previousId: 'laptop' });
    await sdk.flush();
    await expectAllKept(ALL);
  });
});

describe('@jitsu/js on a server', () => {
  it.each([true, false])('is understood in every call (s2s: %s)', async (s2s) => {
    const writeKey = `${collector.writeKey}:secret`;
    const sdk = jitsuAnalytics({ host: recorder.url, writeKey, s2s });
    await sdk.identify('ann', { email: 'ann@example.com' });
    await sdk.track('Order Completed', { total: 120.5, products });
    await sdk.page({ name: 'Home', url: 'https://shop.example/' });
    await sdk.group('acme', { employees: 7 });
    await expectAllKept(['identify', 'track', 'page', 'group']);
    expect(new Set(recorder.sent.map(({ path }) => path.replace(/\w+$/, '')))).toEqual(
      new Set([s2s ? '/api/s/s2s/' : '/api/s/']),
    );
  });
});
