import Type from 'typebox';
import { dto, parameters, type Value } from '../../http/dto.js';
import { WHEN } from '../../http/members.js';

/** The lengths of steps, in milliseconds. */
export const STEPS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Step = keyof typeof STEPS;

/** A day by minutes, with both its ends. */
export const MOST_SIZES = 1_441;

export const SizesQuery = parameters({
  from: Type.Optional(Type.String({ ...WHEN, description: 'a day before `to` unless given' })),
  to: Type.Optional(Type.String({ ...WHEN, description: 'now unless given' })),
  step: Type.Enum(Object.keys(STEPS) as Step[], {
    default: 'hour',
    description: `of the clock in UTC; ${MOST_SIZES} sizes at most are answered`,
    errorMessage: `must be one of ${Object.keys(STEPS).join(', ')}`,
  }),
});
export type SizesQuery = Value<typeof SizesQuery>;

export const SizesDto = dto('SizesDto', {
  key: Type.String(),
  name: Type.String({ description: 'of the audience' }),
  step: Type.Enum(Object.keys(STEPS) as Step[]),
  data: Type.Array(
    Type.Object({
      at: WHEN,
      size: Type.Integer({ minimum: 0, description: 'members at that instant' }),
      entered: Type.Integer({ minimum: 0, description: 'since the instant before' }),
      exited: Type.Integer({ minimum: 0, description: 'since the instant before' }),
    }),
    { description: 'from the beginning of the step of `from` to that of the step of `to`, in order' },
  ),
});
export type Sizes = Value<typeof SizesDto>;
