import { Analytics } from '@segment/analytics-node';
import type { Address } from '@tributary/harness';
import type { Device, Person } from './cast.js';
import type { Terminal } from './terminal.js';

/** The shop's side: what visitors do becomes calls of the Segment SDK, as in any shop. */
export class Shop {
  readonly #analytics: Analytics;

  constructor(
    { writeKey, collectorUrl }: Address,
    private readonly terminal: Terminal,
  ) {
    this.#analytics = new Analytics({
      writeKey,
      host: collectorUrl,
      flushAt: 1,
      maxRetries: 3,
    });
    this.#analytics.on('error', (error) => {
      terminal.line('note', `the SDK could not deliver: ${error.code}`);
    });
  }

  looks(device: Device, product: string): void {
    const { anonymousId } = device;
    this.#analytics.track({ anonymousId, event: 'Product Viewed', properties: { product } });
    this.terminal.line('visit', `the ${device.name} looks at ${product}`);
  }

  signsUp(person: Person, device: Device): void {
    const { userId, email, name } = person;
    const { anonymousId } = device;
    this.#analytics.identify({ userId, anonymousId, traits: { name, email } });
    this.#analytics.track({ userId, anonymousId, event: 'Signed Up' });
    this.terminal.line('visit', `${name} signs up on the ${device.name} as ${email}`);
  }

  logsIn(person: Person, device: Device): void {
    const { userId, name } = person;
    const { anonymousId } = device;
    this.#analytics.identify({ userId, anonymousId, traits: { name } });
    this.#analytics.track({ userId, anonymousId, event: 'Logged In' });
    this.terminal.line('visit', `${name} logs in on the ${device.name}`);
  }

  orders(person: Person, device: Device, total: number): void {
    const { userId, name } = person;
    const { anonymousId } = device;
    const properties = { total, currency: 'EUR' };
    this.#analytics.track({ userId, anonymousId, event: 'Order Completed', properties });
    this.terminal.line('visit', `${name} orders for ${total} € on the ${device.name}`);
  }

  async close(): Promise<void> {
    await this.#analytics.closeAndFlush({ timeout: 5_000 });
  }
}
