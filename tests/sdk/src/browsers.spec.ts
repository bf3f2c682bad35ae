import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.js';
import { CollectorUnderTest } from './collector-under-test.js';
import { callsIn, expectedOf, publishedBy } from './comparison.js';
import { Recorder } from './recorder.js';
import { Shop } from './shop.js';

const stack = new AsyncDisposableStack();
let collector: CollectorUnderTest;
let recorder: Recorder;
let shop: Shop;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  browser = stack.adopt(await launchChromium(), (one) => one.close());
  collector = await CollectorUnderTest.start(stack);
  recorder = stack.adopt(await Recorder.before(collector.url), (one) => one.close());
  shop = stack.adopt(await Shop.open(), (one) => {
    one.close();
  });
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  recorder.sent.length = 0;
  errors.length = 0;
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text());
  });
  await page.goto(`${shop.url}/basket?utm_source=mail`);
});
afterEach(async () => {
  await page.context().close();
});

/** Waits until these calls were sent, and holds each against its event; answers the paths that they went to. */
async function expectAllKept(types: readonly string[]): Promise<readonly string[]> {
  const calls = await eventually(() => callsIn(recorder.sent), {
    until: ({ length }) => length >= types.length,
    what: `calls (${errors.join('; ')})`,
  });
  expect(calls.map(({ type }) => type).sort()).toEqual([...types].sort());
  expect(errors).toEqual([]);
  const posted = recorder.sent.filter(({ method }) => method === 'POST');
  expect(posted.map(({ status }) => status)).toEqual(posted.map(() => 200));
  const events = await collector.eventsOf(calls.map(({ messageId }) => String(messageId)));
  const byId = new Map(events.map((event) => [event.messageId, publishedBy(event)]));
  const added = { ip: '127.0.0.1', userAgent: posted[0]?.headers['user-agent'] };
  expect(calls.map(({ messageId }) => byId.get(String(messageId)))).toEqual(
    calls.map((call) => expectedOf(call, added)),
  );
  return posted.map(({ path }) => path);
}

const EVERY_CALL = `
  analytics.identify('ann', { email: 'ann@example.com', plan: 'pro' });
  analytics.track('Order Completed', { total: 120.5, products: [{ sku: 'Ünïcode ✓', price: 0 }] });
  analytics.page('Shop', 'Basket', { colour: 'blue' });
  analytics.group('acme', { employees: 7 });
  analytics.alias('anna', 'ann');
`;

/** analytics.js, told nothing but a write key and one URL. */
async function loadSegment(options = '{}'): Promise<void> {
  await page.addScriptTag({ url: `${shop.url}/segment/index.js` });
  await page.evaluate(`
    window.analytics = window.AnalyticsNext.AnalyticsBrowser.load(
      { writeKey: '${collector.writeKey}', cdnURL: '${recorder.url}' }, ${options});
    analytics.then(() => undefined)`);
}

describe('@segment/analytics-next in a browser', () => {
  it('starts by our settings and is understood in every call', async () => {
    await loadSegment();
    await page.evaluate(`${EVERY_CALL} analytics.screen('Basket');`);
    const paths = await expectAllKept(['identify', 'track', 'page', 'group', 'alias', 'screen']);
    expect([...paths].sort()).toEqual(['a', 'g', 'i', 'p', 's', 't'].map((letter) => `/v1/${letter}`));
    expect(recorder.sent.map(({ method }) => method)).toContain('OPTIONS');
  });

  it('is understood when it batches, and when the page is left', async () => {
    const strategy = `{ strategy: 'batching', config: { size: 100, timeout: 60000 } }`;
    await loadSegment(`{ integrations: { 'Segment.io': { deliveryStrategy: ${strategy} } } }`);
    await page.evaluate(
      `analytics.track('A', { n: 1 }); analytics.track('B', { n: 2 }).then(() => undefined)`,
    );
    await page.goto('about:blank');
    expect(await expectAllKept(['track', 'track'])).toEqual(['/v1/b']);
  });

  it('sends to any route below a host that it is given', async () => {
    const host = recorder.url.replace('http://', '');
    await loadSegment(`{ integrations: { 'Segment.io': { apiHost: '${host}', protocol: 'http' } } }`);
    await page.evaluate(`analytics.track('A').then(() => undefined)`);
    expect(await expectAllKept(['track'])).toEqual(['/t']);
  });

  it('does not start without a source for its key', async () => {
    await page.addScriptTag({ url: `${shop.url}/segment/index.js` });
    await expect(
      page.evaluate(
        `window.AnalyticsNext.AnalyticsBrowser.load({ writeKey: 'nobody', cdnURL: '${recorder.url}' }).then(() => 1)`,
      ),
    ).rejects.toThrow('unknown_write_key');
  });
});

async function loadRudder(options: string): Promise<void> {
  await page.addScriptTag({ url: `${shop.url}/rudder/index.js` });
  await page.evaluate(`
    window.analytics = new window.rudderanalytics.RudderAnalytics();
    analytics.load('${collector.writeKey}', '${recorder.url}', { configUrl: '${recorder.url}', ...${options} });
    new Promise((resolve) => analytics.ready(resolve))`);
}

describe('@rudderstack/analytics-js in a browser', () => {
  it('starts by our source configuration and is understood in every call', async () => {
    await loadRudder('{}');
    await page.evaluate(EVERY_CALL);
    const paths = await expectAllKept(['identify', 'track', 'page', 'group', 'alias']);
    expect([...paths].sort()).toEqual(
      ['alias', 'group', 'identify', 'page', 'track'].map((type) => `/v1/${type}`),
    );
    const posted = recorder.sent.find(({ method, path }) => method === 'POST' && path === '/v1/track');
    expect(posted?.headers.anonymousid).toMatch(/^[\w+/]+=*$/);
  });

  it('is understood by its beacons', async () => {
    await loadRudder('{ useBeacon: true, beaconQueueOptions: { maxItems: 2 } }');
    await page.evaluate(`analytics.track('A', { n: 1 }); analytics.track('B', { n: 2 })`);
    const [path] = await expectAllKept(['track', 'track']);
    expect(path).toMatch(/^\/beacon\/v1\/batch\?writeKey=/);
  });
});

describe('@jitsu/js in a browser', () => {
  it('is understood in every call', async () => {
    await page.addScriptTag({
      type: 'module',
      content: `
        import { jitsuAnalytics } from '/jitsu/jitsu.es.js';
        window.analytics = jitsuAnalytics({ host: '${recorder.url}', writeKey: '${collector.writeKey}:secret' });`,
    });
    await page.waitForFunction('window.analytics');
    await page.evaluate(`(async () => {
      await analytics.identify('ann', { email: 'ann@example.com' });
      await analytics.track('Order Completed', { total: 120.5 });
      await analytics.page({ colour: 'blue' });
      await analytics.group('acme', { employees: 7 });
    })()`);
    const paths = await expectAllKept(['identify', 'track', 'page', 'group']);
    expect([...paths].sort()).toEqual(['group', 'identify', 'page', 'track'].map((type) => `/api/s/${type}`));
  });
});

describe('any page', () => {
  it('sends by sendBeacon, as text and as JSON, and shows a pixel', async () => {
    const call = `{ type: 'track', event: 'Left', anonymousId: 'a', messageId: id }`;
    await page.evaluate(`
      for (const [id, type] of [['beacon-text', 'text/plain'], ['beacon-json', 'application/json']])
        navigator.sendBeacon('${recorder.url}/v1/batch?writeKey=${collector.writeKey}',
          new Blob([JSON.stringify({ batch: [${call}] })], { type }));
      const id = 'pixel-1';
      const data = encodeURIComponent(btoa(JSON.stringify(${call})));
      const image = new Image();
      image.src = '${recorder.url}/v1/pixel/track?writeKey=${collector.writeKey}&data=' + data;
      image.decode().then(() => undefined)`);
    const events = await collector.eventsOf(['beacon-text', 'beacon-json', 'pixel-1']);
    expect(events.map(({ event }) => event)).toEqual(['Left', 'Left', 'Left']);
  });
});
