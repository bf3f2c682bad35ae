import Type from 'typebox';

/** Who did something. */
export const PrincipalDto = Type.Object({
  id: Type.String({ examples: ['operator'] }),
  kind: Type.Enum(['operator', 'user', 'token', 'system']),
  name: Type.String({ examples: ['Operator'] }),
});
