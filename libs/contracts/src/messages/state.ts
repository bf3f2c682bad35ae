import Type, { type Static } from 'typebox';

const Offsets = Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
  description: 'input topic: the next offset to fold',
});

/**
 * A key's state as of the offsets folded into it; under the key `@marker`, how far the whole partition is; under
 * `@epoch`, that an owner takes the partition over. A record carries the offset of its owner's epoch record in the header
 * `epoch`: what carries a lower one than an epoch record or a record before it counts for nothing.
 */
export const StateMessage = Type.Object({
  workspaceId: Type.String(),
  offsets: Offsets,
  state: Type.Optional(Type.Unknown()),
});
export type StateMessage = Static<typeof StateMessage>;
