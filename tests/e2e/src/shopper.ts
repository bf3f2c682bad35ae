import type { Analytics } from '@segment/analytics-node';

/** The same person in every scenario: two devices, one account, two orders; `name` keeps scenarios apart. */
export class Shopper {
  readonly userId: string;
  readonly email: string;
  readonly laptop: string;
  readonly phone: string;

  constructor(
    name: string,
    private readonly sdk: Analytics,
  ) {
    this.userId = `user-${name}`;
    this.email = `${name}@example.com`;
    this.laptop = `laptop-${name}`;
    this.phone = `phone-${name}`;
  }

  get identifiers(): readonly string[] {
    return [
      `anonymous_id:${this.laptop}`,
      `anonymous_id:${this.phone}`,
      `email:${this.email}`,
      `user_id:${this.userId}`,
    ].sort();
  }

  /** Two events, one a device. */
  async browses(): Promise<void> {
    this.sdk.page({ anonymousId: this.laptop, name: 'Home' });
    this.sdk.page({ anonymousId: this.phone, name: 'Sale' });
    await this.sdk.flush();
  }

  /** One event. */
  async signsUpOnLaptop(): Promise<void> {
    const { userId, laptop: anonymousId, email } = this;
    this.sdk.identify({ userId, anonymousId, traits: { email, plan: 'free' } });
    await this.sdk.flush();
  }

  /** One event. */
  async logsInOnPhone(): Promise<void> {
    this.sdk.track({ userId: this.userId, anonymousId: this.phone, event: 'Logged In' });
    await this.sdk.flush();
  }

  /** One event. */
  async orders(total: number): Promise<void> {
    const { userId, phone: anonymousId } = this;
    this.sdk.track({ userId, anonymousId, event: 'Order Completed', properties: { total } });
    await this.sdk.flush();
  }
}
