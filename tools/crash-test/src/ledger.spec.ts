import { describe, expect, it } from '@jest/globals';
import type { IdentifiedCall } from '@tributary/harness';
import { entryOf, Ledger, logKeyOf } from './ledger.js';

const call = (messageId: string, who: Partial<IdentifiedCall> = { userId: 'u' }): IdentifiedCall => ({
  type: 'track',
  event: 'E',
  messageId,
  ...who,
});
const log = (...entries: readonly (readonly [IdentifiedCall, number])[]) =>
  new Map(entries.map(([sent, count]) => [entryOf(logKeyOf(sent), sent.messageId), count]));

describe('Ledger', () => {
  it('has nothing against a log that holds what was answered, duplicates or not', () => {
    const ledger = new Ledger();
    const [a, b] = [call('a'), call('b')];
    ledger.sends([a, b]);
    ledger.sends([a, b]);
    ledger.answered([a, b]);
    ledger.answered([a, b]);
    expect(ledger.compare(log([a, 3], [b, 1]))).toEqual({
      sent: 2,
      answered: 2,
      lost: [],
      neverSent: [],
      inLog: 2,
      duplicates: 2,
    });
  });

  it('misses what was answered and is not in the log', () => {
    const ledger = new Ledger();
    ledger.sends([call('a')]);
    ledger.answered([call('a')]);
    expect(ledger.compare(new Map()).lost).toEqual(['default/user_id:u a']);
  });

  it('misses nothing that was never answered, whether the log holds it or not', () => {
    const ledger = new Ledger();
    ledger.sends([call('a'), call('b')]);
    expect(ledger.compare(log([call('a'), 1]))).toMatchObject({ answered: 0, lost: [], neverSent: [] });
  });

  it('finds what was never sent, the same id under another identifier too', () => {
    const ledger = new Ledger();
    ledger.sends([call('a', { anonymousId: 'x' })]);
    expect(ledger.compare(log([call('a', { userId: 'x' }), 1])).neverSent).toEqual(['default/user_id:x a']);
  });
});

describe('logKeyOf', () => {
  it('prefers the user to the device', () => {
    expect(logKeyOf(call('a', { userId: 'u', anonymousId: 'd' }))).toBe('default/user_id:u');
    expect(logKeyOf(call('a', { anonymousId: 'd' }))).toBe('default/anonymous_id:d');
  });
});
