import { describe, expect, it } from '@jest/globals';
import { RouteList } from './route-list.js';

const routes = new RouteList();
for (const [method, path] of [
  ['GET', '/'],
  ['GET', '/health'],
  ['GET', '/health/ready'],
  ['GET', '/v1/audiences'],
  ['PUT', '/v1/audiences/:key'],
  ['GET', '/v1/audiences/:key'],
  ['PUT', '/v1/cuts/:a/:b'],
  ['GET', '/v1/cuts'],
  ['POST', '/*'],
] as const) {
  routes.add(method, path);
}
routes.add(['HEAD', 'OPTIONS'], '/health');

describe('RouteList', () => {
  it.each([
    [
      'POST',
      '/v1/audiences',
      'There is no POST /v1/audiences; there are GET /v1/audiences, PUT /v1/audiences/{key}.',
    ],
    [
      'PATCH',
      '/v1/audiences/a/',
      'There is no PATCH /v1/audiences/a/; there are PUT /v1/audiences/{key}, GET /v1/audiences/{key}.',
    ],
    ['POST', '/v1/cuts', 'There is no POST /v1/cuts; there are GET /v1/cuts, PUT /v1/cuts/{a}/{b}.'],
    ['GET', '/healthz', 'There is no GET /healthz; there is GET /health.'],
    ['GET', '/ready', 'There is no GET /ready; there is GET /health/ready.'],
    ['GET', '/v1/audience', 'There is no GET /v1/audience; there is GET /v1/audiences.'],
    ['GET', '/elsewhere', 'There is no GET /elsewhere.'],
    ['POST', '/', 'There is no POST /; there is GET /.'],
  ])('of %s %s says "%s"', (method, path, sentence) => {
    expect(routes.missing(method, path)).toBe(sentence);
  });
});
