import { expect, it } from '@jest/globals';
import type { EventMessage } from '@tributary/contracts';
import { differencesOf } from './comparison.js';

const call = {
  type: 'track',
  messageId: 'm',
  userId: 'ann',
  event: 'Paid',
  properties: { total: 1 },
  context: {},
  timestamp: '2026-01-02T03:04:05Z',
};
const { timestamp: _sent, ...same } = call;
const event = { ...same, originalTimestamp: '2026-01-02T03:04:05.000Z' } as unknown as EventMessage;

it('finds no difference in an event that says what the call says', () => {
  expect(differencesOf(call, event)).toEqual([]);
});

it('names each field that was changed, lost or made up', () => {
  const { userId: _lost, ...rest } = event as EventMessage & { readonly userId: string };
  const other = { ...rest, properties: { total: '1' }, groupId: 'acme' } as unknown as EventMessage;
  expect(differencesOf(call, other)).toEqual([
    'm userId: sent "ann", kept undefined',
    'm properties: sent {"total":1}, kept {"total":"1"}',
    'm groupId: sent undefined, kept "acme"',
  ]);
});
