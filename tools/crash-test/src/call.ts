/** One tracking call as a client sends it. */
export interface Call {
  readonly type: 'page' | 'identify' | 'track';
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly name?: string;
  readonly event?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The key that the call must have in the event log, worked out here and not by the platform. */
export function logKeyOf({ userId, anonymousId }: Call): string {
  return userId === undefined ? `default/anonymous_id:${anonymousId ?? ''}` : `default/user_id:${userId}`;
}
