import Type, { type Static } from 'typebox';

const Offsets = Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
  description: 'input topic: the next offset to fold',
});

/** A key's state as of the offsets folded into it, or, under the key `@marker`, how far the whole partition is. */
export const StateMessage = Type.Object({
  workspaceId: Type.String(),
  offsets: Offsets,
  state: Type.Optional(Type.Unknown()),
});
export type StateMessage = Static<typeof StateMessage>;
