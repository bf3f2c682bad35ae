import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from './openapi.js';

describe('openApiDocument', () => {
  it('describes every route without a server', async () => {
    const { openapi, paths } = await openApiDocument();
    expect(openapi).toBe('3.1.0');
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'DELETE /v1/audiences/{key}',
      'DELETE /v1/identity/rules',
      'DELETE /v1/identity/splits/{a}/{b}',
      'DELETE /v1/session',
      'DELETE /v1/sessions/{id}',
      'DELETE /v1/sources/{id}',
      'DELETE /v1/sources/{id}/write-keys/{key}',
      'DELETE /v1/tokens/{id}',
      'DELETE /v1/trait-rules/{name}',
      'DELETE /v1/traits/{key}',
      'DELETE /v1/users/{id}',
      'DELETE /v1/workspaces/{id}',
      'GET /v1/accounts/{groupId}',
      'GET /v1/accounts/{groupId}/people',
      'GET /v1/audiences',
      'GET /v1/audiences/{key}',
      'GET /v1/audiences/{key}/changes',
      'GET /v1/audiences/{key}/explain/{profileId}',
      'GET /v1/audiences/{key}/members',
      'GET /v1/audiences/{key}/sizes',
      'GET /v1/audiences/{key}/versions',
      'GET /v1/audit',
      'GET /v1/audit/export',
      'GET /v1/definitions',
      'GET /v1/exports/audiences/{key}',
      'GET /v1/exports/profiles',
      'GET /v1/identity/graph',
      'GET /v1/identity/rules',
      'GET /v1/identity/rules/versions',
      'GET /v1/identity/splits',
      'GET /v1/identity/splits/{a}/{b}',
      'GET /v1/identity/splits/{a}/{b}/versions',
      'GET /v1/privacy/requests',
      'GET /v1/privacy/requests/{id}',
      'GET /v1/privacy/requests/{id}/export',
      'GET /v1/profiles',
      'GET /v1/profiles/{profileId}',
      'GET /v1/profiles/{profileId}/audiences',
      'GET /v1/profiles/{profileId}/events',
      'GET /v1/rejected',
      'GET /v1/rejected/groups',
      'GET /v1/rejected/{id}',
      'GET /v1/session',
      'GET /v1/session/oidc',
      'GET /v1/session/oidc/callback',
      'GET /v1/sessions',
      'GET /v1/sources',
      'GET /v1/sources/{id}',
      'GET /v1/sources/{id}/versions',
      'GET /v1/sources/{id}/violations',
      'GET /v1/spaces/{workspace}/collections/{collection}/profiles/{identifier}/events',
      'GET /v1/spaces/{workspace}/collections/{collection}/profiles/{identifier}/external_ids',
      'GET /v1/spaces/{workspace}/collections/{collection}/profiles/{identifier}/links',
      'GET /v1/spaces/{workspace}/collections/{collection}/profiles/{identifier}/metadata',
      'GET /v1/spaces/{workspace}/collections/{collection}/profiles/{identifier}/traits',
      'GET /v1/tokens',
      'GET /v1/tokens/{id}',
      'GET /v1/trait-rules',
      'GET /v1/trait-rules/{name}',
      'GET /v1/trait-rules/{name}/versions',
      'GET /v1/traits',
      'GET /v1/traits/{key}',
      'GET /v1/traits/{key}/versions',
      'GET /v1/users',
      'GET /v1/users/{id}',
      'GET /v1/workspaces',
      'GET /v1/workspaces/{id}',
      'GET /v1/workspaces/{id}/versions',
      'POST /v1/audiences/preview',
      'POST /v1/audiences/{key}/versions/{version}/restore',
      'POST /v1/identity/rules/versions/{version}/restore',
      'POST /v1/identity/splits/{a}/{b}/versions/{version}/restore',
      'POST /v1/privacy/requests',
      'POST /v1/profiles/batch',
      'POST /v1/rejected/replay',
      'POST /v1/session',
      'POST /v1/session/link',
      'POST /v1/sources/{id}/versions/{version}/restore',
      'POST /v1/sources/{id}/write-keys',
      'POST /v1/tokens',
      'POST /v1/tokens/{id}/rotate',
      'POST /v1/trait-rules/{name}/versions/{version}/restore',
      'POST /v1/traits/{key}/versions/{version}/restore',
      'POST /v1/users',
      'POST /v1/users/{id}/link',
      'POST /v1/workspaces/{id}/versions/{version}/restore',
      'PUT /v1/audiences/{key}',
      'PUT /v1/definitions',
      'PUT /v1/identity/rules',
      'PUT /v1/identity/splits/{a}/{b}',
      'PUT /v1/session/password',
      'PUT /v1/sources/{id}',
      'PUT /v1/trait-rules/{name}',
      'PUT /v1/traits/{key}',
      'PUT /v1/users/{id}',
      'PUT /v1/workspaces/{id}',
    ]);
  });

  it('takes the secret of a webhook and says nowhere that it shows one', async () => {
    const { components } = await openApiDocument();
    const webhookOf = (name: string) =>
      JSON.stringify(
        (components?.schemas?.[name] as { properties: Record<string, unknown> }).properties.webhook,
      );
    expect(webhookOf('SourceBody')).toContain('"secret"');
    expect(webhookOf('SourceDto')).toContain('"signature"');
    expect(webhookOf('SourceDto')).not.toContain('"secret"');
  });

  it('says what each route answers, in success and failure', async () => {
    const { paths, components } = await openApiDocument();
    const put = paths['/v1/audiences/{key}']?.put;
    expect(Object.keys(put?.responses ?? {}).sort()).toEqual([
      '200',
      '201',
      '202',
      '400',
      '401',
      '403',
      '409',
      '412',
      '503',
    ]);
    expect(Object.keys(components?.schemas ?? {})).toEqual(
      expect.arrayContaining(['AudienceBody', 'AudienceDto', 'AudiencePageDto', 'ErrorDto', 'MemberPageDto']),
    );
  });
});
