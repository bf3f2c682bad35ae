import Type, { type Static } from 'typebox';
import { RejectedMessage, RejectionReason } from './rejected.js';

const Path = Type.String({ minLength: 1, maxLength: 500 });

/** One step of a mapping: paths are dotted (`properties.total`) or JSON Pointers (`/properties/a.b`). */
export const MappingStep = Type.Union([
  Type.Object({ op: Type.Literal('rename'), from: Path, to: Path }, { additionalProperties: false }),
  Type.Object(
    { op: Type.Literal('set'), path: Path, value: Type.Unknown() },
    { additionalProperties: false },
  ),
  Type.Object({ op: Type.Literal('drop'), path: Path }, { additionalProperties: false }),
  Type.Object(
    {
      op: Type.Literal('cast'),
      path: Path,
      to: Type.Union([
        Type.Literal('string'),
        Type.Literal('number'),
        Type.Literal('boolean'),
        Type.Literal('instant'),
      ]),
    },
    { additionalProperties: false },
  ),
]);
export type MappingStep = Static<typeof MappingStep>;

/** How rejected records are mended: steps over the request's body, then over each call. */
export const ReplayMapping = Type.Object({
  body: Type.Optional(Type.Array(MappingStep, { maxItems: 100 })),
  calls: Type.Optional(Type.Array(MappingStep, { maxItems: 100 })),
  repair: Type.Optional(
    Type.Boolean({
      description: 'read bytes that are nearly JSON: stray commas, NaN, wrong escapes, Windows-1252',
    }),
  ),
});
export type ReplayMapping = Static<typeof ReplayMapping>;

/** The most records, and characters of their raw bytes in base64, of one request to replay. */
export const REPLAY_LIMITS = { records: 200, rawCharacters: 8_000_000 } as const;

/** What the api asks the collector: validate these again, and write what passes unless it is a trial. */
export const ReplayRequest = Type.Object({
  dryRun: Type.Boolean(),
  mapping: ReplayMapping,
  samples: Type.Integer({ minimum: 0, maximum: 100 }),
  records: Type.Array(
    Type.Object({
      partition: Type.Integer({ minimum: 0 }),
      offset: Type.Integer({ minimum: 0 }),
      rejected: RejectedMessage,
    }),
    { maxItems: REPLAY_LIMITS.records },
  ),
});
export type ReplayRequest = Static<typeof ReplayRequest>;

const CallOutcome = Type.Object({
  before: Type.Unknown(),
  after: Type.Unknown(),
  event: Type.Optional(Type.Unknown({ description: 'what it becomes in events.v1' })),
  reasons: Type.Optional(Type.Array(RejectionReason)),
});

/** What became of one record. `calls` are shown of the first few only. */
export const ReplayOutcome = Type.Object({
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
  accepted: Type.Integer({ minimum: 0 }),
  rejected: Type.Integer({ minimum: 0 }),
  reasons: Type.Array(RejectionReason),
  calls: Type.Optional(Type.Array(CallOutcome)),
});
export type ReplayOutcome = Static<typeof ReplayOutcome>;

export const ReplayAnswer = Type.Object({ outcomes: Type.Array(ReplayOutcome) });
export type ReplayAnswer = Static<typeof ReplayAnswer>;
