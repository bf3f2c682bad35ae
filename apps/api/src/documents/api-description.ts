import type { INestApplication } from '@nestjs/common';
import { ERRORS } from '../http/api.errors.js';
import { ErrorDto } from '../http/error.dto.js';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** Describes the routes of an application that are for its users, which are those that ask for the token. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tributary')
    .setDescription('Profiles, and the audiences that they are in.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: 'the token' })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'the token as the user, and no password' })
    .addCookieAuth(
      'tributary_session',
      { type: 'apiKey', in: 'cookie', description: 'of POST /v1/session' },
      'session',
    )
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('basic')
    .addSecurityRequirements('session')
    .addGlobalParameters({
      name: 'X-Workspace',
      in: 'header',
      required: false,
      description:
        'the workspace that the request is about: for the admins of the installation; for others it is that of the token or the session',
      schema: { type: 'string' },
    })
    .addGlobalResponse({ status: 401, standardSchema: ErrorDto, description: ERRORS.unauthorized[1] })
    .build();
  const { paths, ...rest } = SwaggerModule.createDocument(app, document, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}.${method}`,
  });
  const versioned = Object.entries(paths).filter(([path]) => path.startsWith('/v1/'));
  for (const [, methods] of versioned) openPublic(methods);
  return { ...rest, paths: Object.fromEntries(byResource(versioned)) };
}

/** A resource's paths by their text, whichever class has them; the resources in the order in which they were found. */
function byResource<T>(paths: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  const resourceOf = (path: string) => path.split('/')[2] ?? '';
  const resources = [...new Set(paths.map(([path]) => resourceOf(path)))];
  const placeOf = (path: string) => resources.indexOf(resourceOf(path));
  return [...paths].sort(([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
}

/** A route without a scope is public: it needs no token. */
function openPublic(methods: OpenAPIObject['paths'][string]): void {
  for (const operation of [methods.get, methods.post, methods.put, methods.delete]) {
    if (operation && !('x-scope' in operation)) operation.security = [];
  }
}
