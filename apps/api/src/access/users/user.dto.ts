import { ROLES } from '@tributary/access';
import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { nameOf, VERSION, WHEN } from '../../http/members.js';
import { pageDto } from '../../http/page.dto.js';
import { EMAIL_PATTERN } from './email.js';

const ROLE = Type.Enum([...ROLES]);

export const UserId = parameters({
  id: Type.String({ format: 'uuid', errorMessage: 'must be the id of a user, a UUID' }),
});
export type UserId = Value<typeof UserId>;

export const NewUserBody = dto('NewUserBody', {
  email: Type.String({
    maxLength: 254,
    pattern: EMAIL_PATTERN,
    examples: ['ann@example.com'],
    errorMessage: 'must be an email address',
  }),
  name: nameOf('Ann'),
  role: ROLE,
});
export type NewUserBody = Value<typeof NewUserBody>;

export const USER_EXAMPLES = {
  marketer: {
    summary: 'Somebody who changes audiences',
    value: { email: 'ann@example.com', name: 'Ann', role: 'marketer' },
  },
};

export const UserBody = dto('UserBody', {
  name: nameOf('Ann'),
  role: ROLE,
  isDisabled: Type.Boolean({ default: false, description: 'cannot sign in, and is signed out' }),
});
export type UserBody = Value<typeof UserBody>;

const members = {
  id: Type.String({ format: 'uuid' }),
  email: Type.String(),
  name: Type.String(),
  role: ROLE,
  isDisabled: Type.Boolean(),
  hasPassword: Type.Boolean({ description: 'the link was used' }),
  version: VERSION,
  createdAt: WHEN,
  signedInAt: nullable(WHEN, 'null: never'),
};

export const UserDto = dto('UserDto', members);
export type ShownUser = Value<typeof UserDto>;

const link = Type.String({
  description:
    'where the user sets a password; good once, for three days, and shown this once; a path where API_PUBLIC_URL is not set',
});

export const NewUserDto = dto('NewUserDto', { ...members, link });
export type NewUser = Value<typeof NewUserDto>;

export const LinkDto = dto('LinkDto', { link, expiresAt: WHEN });
export type ShownLink = Value<typeof LinkDto>;

export const UserPageDto = pageDto('UserPageDto', UserDto);
