import Type from 'typebox';
import { described, dto, type Value } from '../../http/dto.js';
import { PROFILE_ID } from '../../http/members.js';

/** How many profiles and identifiers of each a dry run shows as samples. */
export const SAMPLES = 20;
export const SAMPLED_IDENTIFIERS = 50;

const ProfileCountsDto = dto('ProfileCountsDto', {
  profiles: Type.Integer({ description: 'sets of identifiers, those of one too' }),
  linked: Type.Integer({ description: 'those of at least two identifiers' }),
});

const SampledProfileDto = dto('SampledProfileDto', {
  profileId: PROFILE_ID,
  size: Type.Integer({ description: 'how many identifiers it holds' }),
  identifiers: Type.Array(Type.String(), { description: `at most ${SAMPLED_IDENTIFIERS} of them` }),
});
export type SampledProfile = Value<typeof SampledProfileDto>;

/** One profile, and those that it came of or would come to. */
const sampleDto = (title: string, others: string) =>
  dto(title, {
    ...SampledProfileDto.properties,
    others: Type.Array(SampledProfileDto, { description: `${others}; ${SAMPLES} at most` }),
  });
const MergeSampleDto = sampleDto('MergeSampleDto', 'those before, whose identifiers it would hold');
const SplitSampleDto = sampleDto('SplitSampleDto', 'those after, which would hold its identifiers');
export type Sample = Value<typeof MergeSampleDto>;

const REPORT = {
  links: Type.Integer({ description: 'pairs of identifiers that occurred together' }),
  identifiers: Type.Integer({
    description: 'identifiers of these; others are alone whatever the rules',
  }),
  before: described(ProfileCountsDto, 'of these identifiers, by the rules in force'),
  after: described(ProfileCountsDto, 'of these identifiers, by the rules that were sent'),
  merges: dto('MergesDto', {
    profiles: Type.Integer({
      description: 'profiles after that would hold identifiers of several before',
    }),
    of: Type.Integer({ description: 'how many profiles before that would concern' }),
    samples: Type.Array(MergeSampleDto, { description: 'the largest' }),
  }),
  splits: dto('SplitsDto', {
    profiles: Type.Integer({
      description: 'profiles before whose identifiers would be in several after',
    }),
    into: Type.Integer({ description: 'in how many profiles after' }),
    samples: Type.Array(SplitSampleDto, { description: 'the largest' }),
  }),
  moved: Type.Integer({ description: 'identifiers whose profile would have another id' }),
};
/** What other rules would change. */
export type DryRunReport = Value<ReturnType<typeof Type.Object<typeof REPORT>>>;

export const DryRunDto = dto('DryRunDto', {
  dryRun: Type.Literal(true),
  rulesVersion: Type.Integer({ description: 'of the rules in force, with which it was compared' }),
  ...REPORT,
  elapsedMs: Type.Integer({ description: 'milliseconds' }),
});
export type ShownDryRun = Value<typeof DryRunDto>;
