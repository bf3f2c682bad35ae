import { MOST_EVENTS } from '@tributary/audiences';
import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { PROFILE_ID, WHEN } from '../../http/members.js';
import { AudienceKey } from '../audience.dto.js';

export const ExplainedOne = parameters({
  ...AudienceKey.properties,
  profileId: Type.String({ ...PROFILE_ID, errorMessage: 'must be a UUID' }),
});
export type ExplainedOne = Value<typeof ExplainedOne>;

const TREE = `each node of the definition as \`kind\` and \`holds\`, with its \`operands\` or \`operand\`. A condition has its text (\`condition\`) and its \`value\` now: of an event condition how many events count (101: more than 100) and the latest ${MOST_EVENTS} of them (\`time\`, \`messageId\`), of a trait the trait and when it was sent (\`at\`), of a value what it comes to. Audiences and computed traits that are named are shown as their definitions`;

export const ExplanationDto = dto('ExplanationDto', {
  key: Type.String(),
  name: Type.String({ description: 'of the audience' }),
  profileId: PROFILE_ID,
  holds: Type.Boolean({ description: 'whether the definition holds for the person' }),
  since: nullable(WHEN, 'since when, as far as is known; null where it always was so'),
  changesAt: nullable(WHEN, 'when time alone changes it; null where it does not'),
  says: Type.String({
    examples: ['is in it; leaves at 2026-12-01T10:00:00.000Z unless a call comes before'],
  }),
  tree: Type.Record(Type.String(), Type.Unknown(), { description: TREE }),
  asOf: Type.String({
    ...WHEN,
    description:
      'the instant of which this is true, by the events in the tables: they follow by about a second',
  }),
});
export type ShownExplanation = Value<typeof ExplanationDto>;
