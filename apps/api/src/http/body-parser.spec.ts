import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const BODY = JSON.stringify({ name: 'T', query: "trait('plan') = 'pro'" });

beforeAll(async () => {
  await api.start();
});

afterAll(async () => {
  await api.stop();
});

const put = (contentType: string, body: string, headers: Record<string, string> = {}) =>
  api.ask('PUT', '/v1/audiences/typed', body, { 'content-type': contentType, ...headers });

describe('a body', () => {
  it.each([
    'application/json; charset=utf-8',
    'application/merge-patch+json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    '',
  ])('that is JSON is read, its type being "%s"', async (type) => {
    expect(await put(type, BODY)).toMatchObject({ body: { name: 'T' } });
  });

  it.each([
    ['application/x-www-form-urlencoded', 'name=T&query=x'],
    ['application/x-www-form-urlencoded', '"text"'],
    ['nonsense', BODY],
    ['text/csv', BODY],
    ['multipart/form-data; boundary=x', BODY],
  ])('of the type %s that is %s is refused with the remedy', async (type, body) => {
    expect(await put(type, body)).toMatchObject({
      status: 415,
      body: {
        error: {
          code: 'unsupported_media_type',
          message: expect.stringContaining('Send Content-Type: application/json.') as unknown,
        },
      },
    });
  });

  it('that is compressed is refused', async () => {
    expect(await put('application/json', BODY, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      body: { error: { code: 'unsupported_media_type' } },
    });
  });

  it('that is no JSON is a request that is not valid', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      expect(await put(type, '{"name":')).toMatchObject({
        status: 400,
        body: {
          error: {
            code: 'invalid_request',
            message: expect.stringContaining('The body is not valid JSON: ') as unknown,
          },
        },
      });
    }
    expect(await put('application/json', '{"__proto__":{}}')).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('__proto__') as unknown } },
    });
  });

  it('that is too large is refused as such', async () => {
    expect(await put('application/json', BODY + ' '.repeat(2 ** 20))).toMatchObject({
      status: 413,
      body: { error: { code: 'payload_too_large' } },
    });
  });
});
