import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const run = promisify(execFile);
const underTest = new PlatformUnderTest();

/** The commands of a page, at the addresses of this platform; a source is known to the collector a moment later. */
async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const { collector, api } = underTest.platform.services;
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command = '']) =>
    command
      .replaceAll('http://127.0.0.1:8080', collector.url)
      .replaceAll('http://127.0.0.1:8081', api.url)
      .replaceAll('curl -sf ', 'curl -sf --retry 20 --retry-delay 1 --retry-all-errors '),
  );
}

describe('docs/webhooks.md', () => {
  it('has commands that run as they stand, and events come of them', async () => {
    const commands = await commandsOf('webhooks.md');
    expect(commands).toHaveLength(6);
    for (const command of commands) {
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', command]);
      expect(stdout).not.toContain('secret');
    }
    const events = await eventually(
      async () =>
        (await underTest.read(TOPICS.events, 'event@1')).filter((event) => event.sourceId !== 'default'),
      { until: (found) => found.length === 4, what: 'an event of each webhook' },
    );
    const shown = events.map(({ sourceId, event, identifiers, properties }) => ({
      sourceId,
      event,
      identifiers,
      properties,
    }));
    expect(events.find(({ sourceId }) => sourceId === 'billing')?.timestamp).toBe('2026-01-02T03:04:05.000Z');
    expect(shown.sort((a, b) => a.sourceId.localeCompare(b.sourceId))).toEqual([
      {
        sourceId: 'billing',
        event: 'charge.succeeded',
        identifiers: ['user_id:ann', 'stripe_customer:cus_9'],
        properties: { amount: 1999, currency: 'eur' },
      },
      {
        sourceId: 'github',
        event: 'Repository Starred',
        identifiers: ['github:ann'],
        properties: { repository: 'acme/shop' },
      },
      {
        sourceId: 'shopify',
        event: 'Order Completed',
        identifiers: expect.arrayContaining(['shopify_customer:42', 'email:ann@example.com']) as unknown,
        properties: { order_id: '#1001', total: 59.9, products: [{ sku: 'sku-1', quantity: 2 }] },
      },
      {
        sourceId: 'sms',
        event: 'Message Received',
        identifiers: ['phone:+436601234567'],
        properties: { text: 'Grüße & danke' },
      },
    ]);
  });
});
