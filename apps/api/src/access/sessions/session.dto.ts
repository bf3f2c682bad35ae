import { AREAS, ROLES, SCOPES } from '@tributary/access';
import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { WHEN } from '../../http/members.js';
import { pageDto, PageQuery } from '../../http/page.dto.js';
import { problem } from '../../http/problems.js';
import { PrincipalDto } from '../principal.dto.js';

const TEXT = Type.String({ minLength: 1, maxLength: 1_000 });

export const SignInBody = dto(
  'SignInBody',
  {
    email: Type.Optional(TEXT),
    password: Type.Optional(TEXT),
    token: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1_000, description: 'an API token instead' }),
    ),
  },
  (sent) => {
    if (sent.token === undefined)
      return ['email', 'password'].flatMap((name) =>
        sent[name] === undefined ? [problem(name, 'must be there, or a token')] : [],
      );
    return sent.email === undefined && sent.password === undefined
      ? []
      : [problem('token', 'must not be there together with email and password')];
  },
);
export type SignInBody = Value<typeof SignInBody>;

export const SIGN_IN_EXAMPLES = {
  operator: {
    summary: 'Sign in with the token of the settings',
    value: { token: 'dev-api-token' },
  },
};

export const WhoDto = dto('WhoDto', {
  principal: PrincipalDto,
  role: nullable(Type.Enum([...ROLES]), 'null: it is no user'),
  scopes: Type.Array(Type.Enum([...SCOPES])),
  areas: Type.Array(Type.Enum([...AREAS]), { description: 'what `write` is good for' }),
  workspace: Type.String({ description: 'the workspace that the request is about' }),
  by: Type.Enum(['token', 'session', 'loopback'], { description: 'how the request says who sends it' }),
  session: Type.Optional(
    Type.Object({
      id: Type.String(),
      expiresAt: WHEN,
      csrfToken: Type.String({
        description: 'as X-CSRF-Token with writes, where a client sends no Origin',
      }),
    }),
  ),
});
/** Who a request is from. */
export type Who = Value<typeof WhoDto>;

export const PasswordBody = dto('PasswordBody', { current: TEXT, password: TEXT });
export type PasswordBody = Value<typeof PasswordBody>;

export const LinkBody = dto('LinkBody', {
  code: Type.String({ maxLength: 100, description: 'the part of the link behind #' }),
  password: TEXT,
  email: Type.Optional(
    Type.String({ maxLength: 254, description: 'of the first user of all, who must give it' }),
  ),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'of the first user of all' })),
});
export type LinkBody = Value<typeof LinkBody>;

export const SessionDto = dto('SessionDto', {
  id: Type.String(),
  principal: PrincipalDto,
  createdAt: WHEN,
  lastUsedAt: WHEN,
  expiresAt: WHEN,
  address: Type.String(),
  agent: Type.String({ description: 'the User-Agent that signed in, as it calls itself' }),
  isThis: Type.Boolean({ description: 'it is the one that asks' }),
});
export type ShownSession = Value<typeof SessionDto>;

export const SessionPageDto = pageDto('SessionPageDto', SessionDto);

export const SessionsQuery = parameters({
  ...PageQuery.properties,
  of: Type.Optional(
    Type.Enum(['me', 'all'], {
      default: 'me',
      description: 'all: of everybody, for those who may administer',
      errorMessage: 'must be me or all',
    }),
  ),
});
export type SessionsQuery = Value<typeof SessionsQuery>;
