import { SCOPES } from '@tributary/access';
import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { nameOf, WHEN } from '../../http/members.js';
import { pageDto } from '../../http/page.dto.js';
import { PrincipalDto } from '../principal.dto.js';

const LONGEST_OVERLAP_SECONDS = 30 * 86_400;
const DAY_SECONDS = 86_400;

export const IssuedId = parameters({
  id: Type.String({ pattern: '^[0-9a-f]{16}$', errorMessage: 'must be an id, 16 hexadecimal digits' }),
});
export type IssuedId = Value<typeof IssuedId>;

export const TokenBody = dto('TokenBody', {
  name: nameOf('Nightly export'),
  scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true, maxItems: SCOPES.length }),
  expiresAt: Type.Optional(WHEN),
});
export type TokenBody = Value<typeof TokenBody>;

export const RotateBody = dto('RotateBody', {
  overlapSeconds: Type.Integer({
    minimum: 0,
    maximum: LONGEST_OVERLAP_SECONDS,
    default: DAY_SECONDS,
    description: 'how long the former secret is good, too',
  }),
});
export type RotateBody = Value<typeof RotateBody>;

const members = {
  id: Type.String({ examples: ['0123456789abcdef'] }),
  name: Type.String(),
  scopes: Type.Array(Type.Enum([...SCOPES])),
  state: Type.Enum(['good', 'expired', 'revoked']),
  createdAt: WHEN,
  createdBy: PrincipalDto,
  expiresAt: nullable(WHEN, 'null: never'),
  formerSecretUntil: nullable(
    WHEN,
    'until when the secret before the last rotation is good; null: it is not',
  ),
  revokedAt: nullable(WHEN, 'null: it was not revoked'),
  lastUsedAt: nullable(WHEN, 'to the minute; null: never'),
};

export const TokenDto = dto('TokenDto', members);
/** A token as it is listed. */
export type ShownToken = Value<typeof TokenDto>;

export const NewTokenDto = dto('NewTokenDto', {
  ...members,
  token: Type.String({ description: 'shown this once', examples: ['trb_0123456789abcdef_…'] }),
});
export type NewToken = Value<typeof NewTokenDto>;

export const TokenPageDto = pageDto('TokenPageDto', TokenDto);

export const TOKEN_EXAMPLES = {
  reader: {
    summary: 'A token that reads',
    value: { name: 'Nightly export', scopes: ['read'] },
  },
};
