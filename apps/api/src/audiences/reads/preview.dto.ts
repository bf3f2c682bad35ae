import { MAX_QUERY_LENGTH } from '@tributary/audiences';
import Type from 'typebox';
import { dto, type Value } from '../../http/dto.js';
import { PROFILE_ID, WHEN } from '../../http/members.js';
import { problem } from '../../http/problems.js';
import { AudienceBody } from '../audience.dto.js';

/** So many members a preview names. */
export const SAMPLED = 10;

const { query, definition } = AudienceBody.properties;

export const PREVIEW_EXAMPLES = {
  query: { summary: 'as it would be now', value: { query: "event('Shoes Bought').count() >= 1" } },
  at: {
    summary: 'as it would have been',
    value: { query: "trait('plan') = 'pro'", at: '2026-01-01T00:00:00Z' },
  },
};

/** What would be an audience: either `query` or `definition`. */
export const PreviewBody = dto(
  'PreviewBody',
  {
    query,
    definition,
    at: Type.Optional(Type.String({ ...WHEN, description: 'as of when; now unless given' })),
  },
  (body) =>
    body.query === undefined && body.definition === undefined
      ? [
          problem(
            'query',
            `is missing: send either query (${MAX_QUERY_LENGTH} characters at most) or definition`,
          ),
        ]
      : [],
);
export type PreviewBody = Value<typeof PreviewBody>;

export const PreviewDto = dto('PreviewDto', {
  size: Type.Integer({ minimum: 0, description: 'how many people would be members' }),
  sample: Type.Array(
    Type.Object({
      profileId: PROFILE_ID,
      identifiers: Type.Array(Type.String(), {
        examples: [['user_id:u1', 'email:ann@example.com']],
        description: 'as the profile has them now; empty where the tables have none yet',
      }),
    }),
    { maxItems: SAMPLED, description: `the first by id, ${SAMPLED} at most` },
  ),
  asOf: WHEN,
  elapsedMs: Type.Integer({ minimum: 0 }),
});
export type Preview = Value<typeof PreviewDto>;
