import Type from 'typebox';
import { parameters, type Value } from '../http/dto.js';
import { IDENTIFIER, PROFILE_ID } from '../http/members.js';

export const ProfileId = parameters({
  profileId: Type.String({ ...PROFILE_ID, errorMessage: 'must be a UUID' }),
});
export type ProfileId = Value<typeof ProfileId>;

export const IdentifierQuery = parameters({
  identifier: Type.String({
    ...IDENTIFIER,
    description: 'namespace:value',
    errorMessage: 'must be namespace:value, such as user_id:u1',
  }),
});
export type IdentifierQuery = Value<typeof IdentifierQuery>;
