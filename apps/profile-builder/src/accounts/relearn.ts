import { yieldToEventLoop } from '@tributary/kafka';
import type { KeyedState } from '@tributary/state';
import {
  GONE,
  OWN,
  PERSON,
  type AccountsState,
  type AccountState,
  type GoneState,
  type PersonState,
} from './account-state.js';

const AT_ONCE = 1_000;

/**
 * Counts the people of each account anew: the changelog has each state as of some record, not all as of the same one. Who is gone
 * is shown to `onGone`.
 */
export async function relearn(
  state: KeyedState<AccountsState>,
  onGone: (key: string, gone: GoneState) => void,
): Promise<void> {
  const people = new Map<string, number>();
  await eachOf(state, (key, one) => {
    if (key.startsWith(GONE)) onGone(key, one as GoneState);
    if (!key.startsWith(PERSON)) return;
    const { account } = one as PersonState;
    people.set(account, (people.get(account) ?? 0) + 1);
  });
  await eachOf(state, (key, one) => {
    if (key.startsWith(OWN)) return;
    const account = one as AccountState;
    state.replace(key, { ...account, people: people.get(key) ?? 0, isStale: true });
    people.delete(key);
  });
  // The changelog ended between a person and the account: what is said of it is yet to be read again.
  for (const [key, counted] of people)
    state.replace(key, { people: counted, cause: { offset: -1, timestamp: 0 }, isStale: true });
}

async function eachOf(
  state: KeyedState<AccountsState>,
  take: (key: string, one: AccountsState) => void,
): Promise<void> {
  let cursor = '';
  for (;;) {
    const page = state.page(cursor, AT_ONCE);
    for (const { key, state: one } of page) take(key, one);
    if (page.length < AT_ONCE) return;
    cursor = page.at(-1)?.storedKey ?? '';
    await yieldToEventLoop();
  }
}
