import Type from 'typebox';

/** Where people of an identity provider sign in by it. */
export const OIDC_SETTINGS = {
  OIDC_ISSUER: Type.Optional(
    Type.String({
      pattern: '^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/]|$))\\S*$',
      description:
        'the OpenID Connect provider by which users sign in, as its `/.well-known/openid-configuration` names itself; http only on loopback',
      examples: ['https://login.example.com'],
      asks: ['OIDC_CLIENT_ID', 'API_PUBLIC_URL'],
    }),
  ),
  OIDC_CLIENT_ID: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'what the provider knows the API as; its redirect URI is `/v1/session/oidc/callback` behind API_PUBLIC_URL',
      asks: ['OIDC_ISSUER'],
    }),
  ),
  OIDC_CLIENT_SECRET: Type.Optional(
    Type.String({
      minLength: 1,
      secret: true,
      description: 'of the client; unset: it has none, and PKCE alone protects the code',
      asks: ['OIDC_ISSUER'],
    }),
  ),
  OIDC_SCOPES: Type.String({
    default: 'openid email',
    pattern: '(^| )openid( |$)',
    description: 'what the provider is asked for; the email address and whether it is verified must be in it',
  }),
};
