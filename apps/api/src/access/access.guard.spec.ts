import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Module,
  RequestMethod,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { MetadataScanner, ModulesContainer, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public, PUBLIC } from '@tributary/service';
import { SCOPES, type Scope } from '@tributary/access';
import { RunningApi } from '../../test/running-api.fixture.js';
import { AppModule } from '../app.module.js';
import { AccessDatabase } from './access-database.js';
import { DeclaredNeeds } from './declared-needs.js';
import { Needs } from './needs.js';

/** Says nothing of who may ask. */
@Controller('forgotten')
class ForgottenController {
  @Get()
  secret(): string {
    return 'for nobody';
  }
}

/** Is not under /v1. */
@Controller('beside')
class BesideController {
  @Get()
  @Needs('read')
  secret(): string {
    return 'for those who have a token';
  }

  @Get('open')
  @Public()
  open(): string {
    return 'for all';
  }
}

@Module({ controllers: [ForgottenController], providers: [DeclaredNeeds] })
class ForgetfulModule {}

@Module({ imports: [AppModule], controllers: [BesideController] })
class WithRoutesBesideModule {}

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
}

const api = new RunningApi(WithRoutesBesideModule);
let routes: readonly Route[] = [];

beforeAll(async () => {
  await api.start();
  const controllers = [...api.service.app.get(ModulesContainer).values()]
    .flatMap((module) => [...module.controllers.values()])
    .map(({ metatype }) => metatype as Type);
  routes = controllers.flatMap(routesOf).sort((a, b) => (a.name < b.name ? -1 : 1));
});

afterAll(async () => {
  await api.stop();
});

function routesOf(controller: Type): readonly Route[] {
  const { prototype } = controller as { readonly prototype: Record<string, object> };
  const read = new Reflector();
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name] as (() => unknown) | undefined;
    const method = handler && read.get<RequestMethod | undefined>('method', handler);
    if (!handler || method === undefined) return [];
    const verb = RequestMethod[method];
    const isPublic = read.getAllAndOverride<boolean | undefined>(PUBLIC, [handler, controller]) ?? false;
    return pathsOf(read, controller, handler).map((path) => {
      return { name: `${verb} ${path}`, method: verb, path, isPublic };
    });
  });
}

/** A controller and a handler have one path each, or several. */
function pathsOf(read: Reflector, controller: Type, handler: () => unknown): readonly string[] {
  const of = (target: Type | (() => unknown)) =>
    [read.get<string | string[]>('path', target)].flat().map((path) => path.replaceAll(/^\/|\/$/g, ''));
  return of(controller).flatMap((first) =>
    of(handler).map((second) => `/${[first, second].filter((part) => part !== '').join('/')}`),
  );
}

const asked = async ({ name, method, path }: Route, authorization: string) => {
  const concrete = path.replaceAll(/:(\w+)/g, 'x:1');
  return [name, (await api.ask(method, concrete, undefined, { authorization })).status];
};

const QUIET: Pick<NestApplicationOptions, 'logger' | 'abortOnError'> = { logger: false, abortOnError: false };

describe('a route that does not say what it needs', () => {
  it('keeps the service from starting', async () => {
    const app = await NestFactory.create(ForgetfulModule, new FastifyAdapter(), QUIET);
    await expect(app.init()).rejects.toThrow('ForgottenController.secret');
    await app.close();
  });
});

describe('the token', () => {
  it('is asked for by every route that is not said to be public', async () => {
    const guarded = routes.filter(({ isPublic }) => !isPublic);
    expect(guarded.map(({ name }) => name)).toContain('GET /beside');
    expect(guarded.length).toBeGreaterThan(20);
    for (const route of guarded) expect(await asked(route, '')).toEqual([route.name, 401]);
    for (const route of guarded) expect(await asked(route, 'Bearer other')).toEqual([route.name, 401]);
    expect((await api.ask('GET', '/beside')).status).toBe(200);
  });

  it('is not asked for by what shows the service itself, and the documents', async () => {
    const open = routes.filter(({ isPublic }) => isPublic);
    expect(open.map(({ name }) => name)).toEqual([
      'GET /',
      'GET /beside/open',
      'GET /docs',
      'GET /docs/start.js',

      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /openapi.json',
      'GET /v1/session/oidc',
      'GET /v1/session/oidc/callback',
      'GET /welcome',
      'GET /welcome/start.js',
      'POST /v1/session',
      'POST /v1/session/link',
    ]);
    const signIns = open.filter(({ method }) => method === 'POST');
    for (const route of signIns) expect(await asked(route, '')).toEqual([route.name, 400]);
    // Without a provider in the settings, nobody is led to one.
    for (const route of open.filter(({ method }) => method === 'GET'))
      expect(await asked(route, '')).toEqual([route.name, route.path.includes('/oidc') ? 404 : 200]);
  });

  it('is asked for by each route of the document, which has all of them and says which are public', async () => {
    const { body } = await api.ask('GET', '/openapi.json', undefined, { authorization: '' });
    const { paths, security } = body as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
      readonly security: unknown;
    };
    expect(security).toEqual([{ bearer: [] }, { basic: [] }, { session: [] }]);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => {
        expect([path, method, Object.keys(responses)]).toEqual([
          path,
          method,
          expect.arrayContaining(['401']),
        ]);
        return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      }),
    );
    const forUsers = routes.filter(({ isPublic, path }) =>
      isPublic ? path.startsWith('/v1/') : path !== '/beside',
    );
    expect(described.sort()).toEqual(forUsers.map(({ name }) => name));
  });
});

interface Operation {
  readonly 'x-scope'?: Scope | 'signed-in';
}

/** Scopes that are not enough for a route that needs another. */
const NOT_ENOUGH: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['ingest'],
  ingest: ['read', 'write'],
  write: ['read', 'ingest'],
  admin: ['read', 'ingest', 'write'],
};

async function makeToken(scopes: readonly Scope[]): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await api.ask('POST', '/v1/tokens', { name: scopes.join(' '), scopes });
  return body as { readonly id: string; readonly token: string };
}

/** What each protected route of the document answers under a header, and what it should. */
async function answersOf(authorizationFor: (scope: Scope | 'signed-in') => string | undefined) {
  const { body } = await api.ask('GET', '/openapi.json');
  const { paths } = body as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  const answers: {
    readonly route: string;
    readonly scope: string;
    readonly status: number;
    readonly body: unknown;
  }[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { 'x-scope': scope }] of Object.entries(methods)) {
      const authorization = scope && authorizationFor(scope);
      if (scope === undefined || authorization === undefined) continue;
      // Of another workspace it would be said that there is none.
      const concrete = path.replace('{workspace}', api.workspace).replaceAll(/\{(\w+)\}/g, 'x:1');
      const { status, body: said } = await api.ask(method.toUpperCase(), concrete, undefined, {
        authorization,
      });
      answers.push({ route: `${method} ${path}`, scope, status, body: said });
    }
  }
  return answers;
}

describe('each route of the document', () => {
  const refusal = (code: string, details: object, message: string) => ({
    error: { code, details: expect.objectContaining(details), message: expect.stringContaining(message) },
  });

  it('asks who sends the request', async () => {
    const answers = await answersOf(() => '');
    expect(answers.length).toBeGreaterThan(45);
    const body = refusal('unauthorized', { reason: 'missing' }, 'Authorization: Bearer <token>');
    expect(answers).toEqual(answers.map((answer) => ({ ...answer, status: 401, body })));
  });

  it('refuses a token that is for other things, and says what would be right', async () => {
    const tokens = new Map<string, string>();
    for (const [scope, scopes] of Object.entries(NOT_ENOUGH))
      tokens.set(scope, `Bearer ${(await makeToken(scopes)).token}`);
    const answers = await answersOf((scope) => tokens.get(scope));
    expect(new Set(answers.map(({ scope }) => scope))).toEqual(new Set(SCOPES));
    expect(answers).toEqual(
      answers.map((answer) => ({
        ...answer,
        status: 403,
        body: refusal(
          'forbidden',
          { needs: expect.objectContaining({ scope: answer.scope }) },
          `the scope "${answer.scope}"`,
        ),
      })),
    );
  });

  it('refuses a token that has expired, and one that was revoked', async () => {
    const [expired, revoked] = [await makeToken(['admin']), await makeToken(['admin'])];
    const { database } = api.service.app.get(AccessDatabase);
    await database.run((statements) =>
      statements
        .updateTable('api_tokens')
        .set({ expires_at: new Date(1_000) })
        .where('id', '=', expired.id)
        .execute(),
    );
    expect((await api.ask('DELETE', `/v1/tokens/${revoked.id}`)).status).toBe(204);
    for (const [reason, { token }] of [
      ['expired', expired],
      ['revoked', revoked],
    ] as const) {
      const answers = await answersOf(() => `Bearer ${token}`);
      const body = refusal('unauthorized', { reason }, reason);
      expect(answers).toEqual(answers.map((answer) => ({ ...answer, status: 401, body })));
    }
  });
});
