import { MappingStep, REPLAY_LIMITS, ReplayMapping, REQUEST_ERROR_CODES } from '@tributary/contracts';
import { REASON_CODES } from '@tributary/events';
import { nameAdvice } from '@tributary/kernel';
import { VIOLATION_MEANINGS } from '@tributary/plans';
import Type from 'typebox';
import { described, dto, parameters, type Value } from '../http/dto.js';
import { PageQuery } from '../http/page.dto.js';

/** Of a call, of its plan, and of a whole request. */
const CODES = [...REASON_CODES, ...Object.keys(VIOLATION_MEANINGS), ...REQUEST_ERROR_CODES];

const instant = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

/** Which of the rejected are meant; what is not said does not matter. `open` are those of which nothing was replayed. */
const FILTER = {
  source: Type.Optional(Type.String({ description: 'id of the source' })),
  code: Type.Optional(
    Type.Enum(CODES, {
      description: 'code of a reason',
      examples: ['invalid_timestamp'],
      errorMessage: (value: unknown) =>
        `${String(value)} is no code of a reason; ${nameAdvice(String(value), CODES)}`,
    }),
  ),
  field: Type.Optional(Type.String({ description: 'field that a reason names', examples: ['timestamp'] })),
  route: Type.Optional(Type.String({ examples: ['/v1/batch'] })),
  from: instant('received then or later'),
  to: instant('received before'),
  state: Type.Enum(['open', 'replayed', 'all'], {
    default: 'open',
    description: 'whether any of it was replayed',
  }),
};

const RejectedFilterDto = dto('RejectedFilterDto', FILTER);
export type RejectedFilter = Value<typeof RejectedFilterDto>;

export const RejectedQuery = parameters({ ...FILTER, ...PageQuery.properties });
export type RejectedQuery = Value<typeof RejectedQuery>;

export const GROUP_DIMENSIONS = ['source', 'route', 'code', 'field'] as const;
const DIMENSION = `(${GROUP_DIMENSIONS.join('|')})`;

export const RejectedGroupsQuery = parameters({
  ...RejectedQuery.properties,
  by: Type.String({
    pattern: `^${DIMENSION}(,${DIMENSION})*$`,
    default: GROUP_DIMENSIONS.join(),
    description: `comma separated, of ${GROUP_DIMENSIONS.join(', ')}`,
    errorMessage: `must be of ${GROUP_DIMENSIONS.join(', ')}`,
  }),
});
export type RejectedGroupsQuery = Value<typeof RejectedGroupsQuery>;

const RECORD_ID = Type.String({
  pattern: '^\\d{1,5}-\\d{1,19}$',
  examples: ['3-120'],
  description: 'partition and offset in events.rejected.v1',
  errorMessage: 'must be partition-offset, such as 3-120',
});

export const RejectedId = parameters({ id: RECORD_ID });
export type RejectedId = Value<typeof RejectedId>;

const STEP = Type.Union(MappingStep.anyOf, {
  errorMessage:
    'must be {"op":"rename","from","to"}, {"op":"set","path","value"}, {"op":"drop","path"} or ' +
    '{"op":"cast","path","to":"string"|"number"|"boolean"|"instant"}',
});
const steps = (description: string) =>
  Type.Optional(Type.Array(STEP, { ...ReplayMapping.properties.calls, items: STEP, description }));

/** What a page that tries the API fills in; each is accepted as it stands. */
export const REPLAY_EXAMPLES = {
  look: {
    summary: 'what would become of calls with a wrong timestamp if it were dropped',
    value: {
      filter: { code: 'invalid_timestamp' },
      mapping: [{ op: 'drop', path: 'timestamp' }],
      dryRun: true,
    },
  },
};

export const ReplayBody = dto('ReplayBody', {
  ids: Type.Optional(
    Type.Array(RECORD_ID, {
      maxItems: REPLAY_LIMITS.records,
      description: 'of these records; those already replayed are skipped',
    }),
  ),
  filter: Type.Optional(described(RejectedFilterDto, 'or of these; {} means all that are open')),
  mapping: steps('over each call, in their order; paths as properties.total or /properties/total'),
  bodyMapping: steps('over the body of a request that was refused whole, before that'),
  repair: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'read bytes that are nearly JSON, too: stray commas are left out, NaN and Infinity become null, wrong escapes are what they look like, bytes that are not UTF-8 are Windows-1252',
    }),
  ),
  dryRun: Type.Boolean({ default: false, description: 'validate only, and write nothing' }),
  limit: Type.Integer({ minimum: 1, maximum: REPLAY_LIMITS.records, default: 100 }),
  samples: Type.Integer({ minimum: 0, maximum: 100, default: 5 }),
  cursor: Type.Optional(Type.String({ description: 'where the call before ended: its `cursor.next`' })),
});
export type ReplayBody = Value<typeof ReplayBody>;
