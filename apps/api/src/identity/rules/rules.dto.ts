import { ApiProperty, ApiPropertyOptional, type ApiResponseSchemaHost } from '@nestjs/swagger';
import { IdentityRulesBody } from '@tributary/contracts';
import { DEFAULT_RULES } from '@tributary/identity';
import { IsIn, IsOptional } from 'class-validator';
import type { Sample, SampledProfile, ShownDryRun } from '../dry-run/dry-run-report.js';
import { SAMPLED_IDENTIFIERS, SAMPLES } from '../dry-run/dry-run-report.js';
import type { ShownRules } from './rules.service.js';

type Schema = ApiResponseSchemaHost['schema'];
const NAMESPACES = JSON.parse(JSON.stringify(IdentityRulesBody.properties.namespaces)) as Schema;

/** Validated in the service by its own schema, so that nothing of it is lost on the way. */
export const RULES_BODY = {
  schema: {
    ...(JSON.parse(JSON.stringify(IdentityRulesBody)) as object),
    example: DEFAULT_RULES,
  } as Schema,
};

export class RulesDto implements ShownRules {
  @ApiProperty({
    ...(NAMESPACES as object),
    description:
      'by namespace; `name.*` is for all that begin so and have no rule of their own, `*` for all others',
    example: DEFAULT_RULES.namespaces,
  })
  readonly namespaces!: ShownRules['namespaces'];

  @ApiProperty({
    type: 'integer',
    description: 'grows with every change; -1: the built-in rules. The ETag is the same number in quotes',
  })
  readonly version!: number;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'null: they are built in',
  })
  readonly updatedAt!: string | null;
}

export class DryRunQuery {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'true: nothing is changed, and the answer says what would be',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'dryRun must be true or false' })
  readonly dryRun?: 'true' | 'false';
}

class ProfileCountsDto {
  @ApiProperty({ type: 'integer', description: 'sets of identifiers, those of one too' })
  readonly profiles!: number;

  @ApiProperty({ type: 'integer', description: 'those of at least two identifiers' })
  readonly linked!: number;
}

class SampledProfileDto implements SampledProfile {
  @ApiProperty({ type: 'string', format: 'uuid' })
  readonly profileId!: string;

  @ApiProperty({ type: 'integer', description: 'how many identifiers it holds' })
  readonly size!: number;

  @ApiProperty({ type: [String], description: `at most ${SAMPLED_IDENTIFIERS} of them` })
  readonly identifiers!: SampledProfile['identifiers'];
}

class MergeSampleDto extends SampledProfileDto implements Sample {
  @ApiProperty({
    type: [SampledProfileDto],
    description: `those before, whose identifiers it would hold; ${SAMPLES} at most`,
  })
  readonly others!: readonly SampledProfileDto[];
}

class SplitSampleDto extends SampledProfileDto implements Sample {
  @ApiProperty({
    type: [SampledProfileDto],
    description: `those after, which would hold its identifiers; ${SAMPLES} at most`,
  })
  readonly others!: readonly SampledProfileDto[];
}

class MergesDto {
  @ApiProperty({
    type: 'integer',
    description: 'profiles after that would hold identifiers of several before',
  })
  readonly profiles!: number;

  @ApiProperty({ type: 'integer', description: 'how many profiles before that would concern' })
  readonly of!: number;

  @ApiProperty({ type: [MergeSampleDto], description: 'the largest' })
  readonly samples!: readonly MergeSampleDto[];
}

class SplitsDto {
  @ApiProperty({
    type: 'integer',
    description: 'profiles before whose identifiers would be in several after',
  })
  readonly profiles!: number;

  @ApiProperty({ type: 'integer', description: 'in how many profiles after' })
  readonly into!: number;

  @ApiProperty({ type: [SplitSampleDto], description: 'the largest' })
  readonly samples!: readonly SplitSampleDto[];
}

export class DryRunDto implements ShownDryRun {
  @ApiProperty({ type: 'boolean', enum: [true] })
  readonly dryRun!: true;

  @ApiProperty({ type: 'integer', description: 'of the rules in force, with which it was compared' })
  readonly rulesVersion!: number;

  @ApiProperty({ type: 'integer', description: 'pairs of identifiers that occurred together' })
  readonly links!: number;

  @ApiProperty({ type: 'integer', description: 'identifiers of these; others are alone whatever the rules' })
  readonly identifiers!: number;

  @ApiProperty({ type: ProfileCountsDto, description: 'of these identifiers, by the rules in force' })
  readonly before!: ProfileCountsDto;

  @ApiProperty({ type: ProfileCountsDto, description: 'of these identifiers, by the rules that were sent' })
  readonly after!: ProfileCountsDto;

  @ApiProperty({ type: MergesDto })
  readonly merges!: MergesDto;

  @ApiProperty({ type: SplitsDto })
  readonly splits!: SplitsDto;

  @ApiProperty({ type: 'integer', description: 'identifiers whose profile would have another id' })
  readonly moved!: number;

  @ApiProperty({ type: 'integer', description: 'milliseconds' })
  readonly elapsedMs!: number;
}
