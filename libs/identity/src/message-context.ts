import type { Identifier } from '@tributary/kernel';
import type { Message } from './messages.js';
import type { ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

/** One identifier while a message is taken in. */
export interface MessageContext {
  readonly me: Identifier;
  readonly state: ResolverState;
  readonly offset: number;
  readonly rules: IdentityRules;
  readonly out: Message[];
  /** Other ends of links of mine of which an eligibility changed. */
  readonly changed: Set<Identifier>;
}
