import type { Identifier } from '@tributary/kernel';
import Type from 'typebox';

/** RFC 3339. */
export const WHEN = Type.String({ format: 'date-time' });

export const VERSION = Type.Integer({
  description: 'grows with every change; the ETag is the same in quotes',
});

export const PROFILE_ID = Type.String({ format: 'uuid' });

export const IDENTIFIER = Type.Unsafe<Identifier>(Type.String({ examples: ['user_id:u1'] }));

/** What people call a resource. */
export const nameOf = (example: string) =>
  Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '\\S',
    examples: [example],
    errorMessage: {
      type: 'must be a text',
      minLength: 'must be 1 to 200 characters long',
      maxLength: 'must be 1 to 200 characters long',
      pattern: 'must be more than blanks',
    },
  });
