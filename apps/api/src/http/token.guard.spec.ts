import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { Public, PUBLIC } from '@tributary/service';
import { RunningApi } from '../../test/running-api.fixture.js';
import { AppModule } from '../app.module.js';

/** Says nothing of who may ask, and is not under /v1. */
@Controller('forgotten')
class ForgottenController {
  @Get()
  secret(): string {
    return 'for those who have the token';
  }

  @Get('open')
  @Public()
  open(): string {
    return 'for all';
  }
}

@Module({ imports: [AppModule], controllers: [ForgottenController] })
class WithForgottenRouteModule {}

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
}

const api = new RunningApi(WithForgottenRouteModule);
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

describe('the token', () => {
  it('is asked for by every route that is not said to be public', async () => {
    const guarded = routes.filter(({ isPublic }) => !isPublic);
    expect(guarded.map(({ name }) => name)).toContain('GET /forgotten');
    expect(guarded.length).toBeGreaterThan(20);
    for (const route of guarded) expect(await asked(route, '')).toEqual([route.name, 401]);
    for (const route of guarded) expect(await asked(route, 'Bearer other')).toEqual([route.name, 401]);
    expect((await api.ask('GET', '/forgotten')).status).toBe(200);
  });

  it('is not asked for by what shows the service itself, and the documents', async () => {
    const open = routes.filter(({ isPublic }) => isPublic);
    expect(open.map(({ name }) => name)).toEqual([
      'GET /',
      'GET /docs',
      'GET /docs/start.js',
      'GET /forgotten/open',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /openapi.json',
    ]);
    for (const route of open) expect(await asked(route, '')).toEqual([route.name, 200]);
  });

  it('is asked for by each route of the document, which has all of them', async () => {
    const { body } = await api.ask('GET', '/openapi.json', undefined, { authorization: '' });
    const { paths, security } = body as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
      readonly security: unknown;
    };
    expect(security).toEqual([{ bearer: [] }, { basic: [] }]);
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
    const guarded = routes.filter(({ isPublic, path }) => !isPublic && path !== '/forgotten');
    expect(described.sort()).toEqual(guarded.map(({ name }) => name));
  });
});
