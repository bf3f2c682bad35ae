type Fields = Readonly<Record<string, unknown>>;

/** One tracking call as an SDK sends it. */
export interface Call {
  readonly type: 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';
  readonly messageId?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly previousId?: string;
  readonly groupId?: string;
  readonly name?: string;
  readonly event?: string;
  readonly traits?: Fields;
  readonly properties?: Fields;
  readonly context?: Fields;
  /** RFC 3339. */
  readonly timestamp?: string;
}

/** A call that its sender has given an id, by which it is found again. */
export type IdentifiedCall = Call & { readonly messageId: string };
