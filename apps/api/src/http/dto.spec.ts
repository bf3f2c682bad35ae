import { describe, expect, it } from '@jest/globals';
import Type from 'typebox';
import { dto, eitherOf, nullable, parameters } from './dto.js';
import { limit } from './page.dto.js';
import { problem } from './problems.js';

const ITEM = dto('ItemDto', { id: Type.String(), note: nullable(Type.String(), 'null: none') });
const BODY = dto(
  'BodyDto',
  {
    name: Type.String({ minLength: 2, errorMessage: { minLength: 'must be longer' } }),
    items: Type.Optional(Type.Array(ITEM)),
    open: Type.Optional(Type.Record(Type.String(), Type.Integer())),
    mode: Type.Enum(['on', 'off'], { default: 'on' }),
    version: Type.Optional(Type.Integer({ readOnly: true })),
  },
  ({ name }) => (name === 'nobody' ? [problem('name', 'is nobody')] : []),
);
const QUERY = parameters({
  limit: limit(50),
  since: Type.Optional(Type.String({ format: 'date-time' })),
});

const wrongIn = (of: typeof BODY | typeof QUERY, value: unknown) =>
  of['~standard'].validate(value).issues?.map(({ message }) => message);

describe('a body', () => {
  it('is taken with its defaults, whatever the names of its open members', () => {
    const sent = { name: 'ann', items: [{ id: '1', note: null }], open: { constructor: 1, toString: 2 } };
    expect(BODY['~standard'].validate(sent)).toEqual({ value: { mode: 'on', ...sent } });
  });

  it('is taken as it was shown: nobody looks at what can only be read', () => {
    expect(wrongIn(BODY, { name: 'ann', version: 'x' })).toBeUndefined();
  });

  it.each<[unknown, readonly string[]]>([
    [undefined, ['name is missing']],
    [7, ['The body must be a JSON object, found a number.', 'name is missing']],
    [{ name: 'a' }, ['name must be longer']],
    [{ name: 'nobody' }, ['name is nobody']],
    [
      { name: null, mode: 'of' },
      ['name must be a string', 'mode must be equal to one of the allowed values: on, off'],
    ],
    [{ name: 'ann', nam: 1 }, ['nam is no field here; did you mean name?']],
    [{ name: 'ann', verson: 1 }, ['verson is no field here; known are name, items, open, mode']],
    [
      { name: 'ann', items: [{ id: '1', note: null }, { id: 2 }] },
      ['items[1].id must be a string', 'items[1].note is missing'],
    ],
    [{ name: 'ann', items: [[]] }, ['items[0] must be an object of id, note']],
    [{ name: 'ann', open: { '': 1 } }, ['open."" is no name: it is empty']],
    [{ name: 'ann', open: { a: 1.5 } }, ['open.a must be integer']],
  ])('%j has all that is wrong named', (sent, messages) => {
    expect(wrongIn(BODY, sent)).toEqual(messages);
  });
});

describe('a query', () => {
  it('has numbers where its schema has them, and its defaults', () => {
    expect(QUERY['~standard'].validate({ limit: '7' })).toEqual({ value: { limit: 7 } });
    expect(QUERY['~standard'].validate({})).toEqual({ value: { limit: 50 } });
  });

  it.each(['', ' ', '1.5', 'true', '0', '1001'])('refuses "%s" as a number of items', (text) => {
    expect(wrongIn(QUERY, { limit: text })).toEqual(['limit must be a whole number from 1 to 1000']);
  });

  it.each(['2026-01-02', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678+02:00', '2024-02-29'])(
    'takes %s for an instant',
    (since) => {
      expect(wrongIn(QUERY, { since })).toBeUndefined();
    },
  );

  it.each(['yesterday', '2026-13-01', '2026-02-30', '2026-01-02T25:00:00Z', '1767323045'])(
    'refuses %s as an instant',
    (since) => {
      expect(wrongIn(QUERY, { since })).toEqual(['since must be an instant, such as 2026-01-02T03:04:05Z']);
    },
  );
});

describe('a schema in the documents', () => {
  it('is referred to by its name, and needs neither what has a default nor how errors are worded', () => {
    expect(BODY['~standard'].jsonSchema.input()).toEqual({
      $ref: '#/$defs/BodyDto',
      $defs: {
        BodyDto: {
          type: 'object',
          properties: {
            name: { type: 'string', minLength: 2 },
            items: { type: 'array', items: { $ref: '#/$defs/ItemDto' } },
            open: { type: 'object', additionalProperties: { type: 'integer' } },
            mode: { type: 'string', enum: ['on', 'off'], default: 'on' },
            version: { type: 'integer', readOnly: true },
          },
          required: ['name'],
        },
        ItemDto: {
          type: 'object',
          properties: {
            id: { type: 'string' },
            note: { type: ['string', 'null'], description: 'null: none' },
          },
          required: ['id', 'note'],
        },
      },
    });
  });

  it('may be one of several', () => {
    const { oneOf } = eitherOf(BODY, ITEM)['~standard'].jsonSchema.output();
    expect(oneOf).toEqual([{ $ref: '#/$defs/BodyDto' }, { $ref: '#/$defs/ItemDto' }]);
  });
});
