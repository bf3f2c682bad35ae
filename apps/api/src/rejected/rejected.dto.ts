import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { REPLAY_LIMITS, REQUEST_ERROR_CODES, type MappingStep } from '@tributary/contracts';
import { REASON_CODES } from '@tributary/events';
import { nameAdvice } from '@tributary/kernel';
import { VIOLATION_MEANINGS } from '@tributary/plans';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { OptionalMember } from '../http/optional-member.decorator.js';
import { PageQuery } from '../http/page.dto.js';
import { GROUP_DIMENSIONS, type GroupDimension, type RejectedFilter } from './rejected-events.js';

/** Of a call, of its plan, and of a whole request. */
const CODES: readonly string[] = [
  ...REASON_CODES,
  ...Object.keys(VIOLATION_MEANINGS),
  ...REQUEST_ERROR_CODES,
];
const STATES = ['open', 'replayed', 'all'] as const;

/** Which of the rejected are meant. */
export class RejectedFilterDto implements RejectedFilter {
  @ApiPropertyOptional({ type: 'string', description: 'id of the source' })
  @IsOptional()
  @IsString()
  readonly source?: string;

  @ApiPropertyOptional({ enum: CODES, description: 'code of a reason', example: 'invalid_timestamp' })
  @IsOptional()
  @IsIn(CODES, {
    message: ({ value }) =>
      `code ${String(value)} is no code of a reason; ${nameAdvice(String(value), CODES)}`,
  })
  readonly code?: string;

  @ApiPropertyOptional({ type: 'string', description: 'field that a reason names', example: 'timestamp' })
  @IsOptional()
  @IsString()
  readonly field?: string;

  @ApiPropertyOptional({ type: 'string', example: '/v1/batch' })
  @IsOptional()
  @IsString()
  readonly route?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'received then or later' })
  @IsOptional()
  @IsISO8601({ strict: true })
  readonly from?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'received before' })
  @IsOptional()
  @IsISO8601({ strict: true })
  readonly to?: string;

  @ApiPropertyOptional({ enum: STATES, default: 'open', description: 'whether any of it was replayed' })
  @IsOptional()
  @IsIn(STATES)
  readonly state: RejectedFilter['state'] = 'open';
}

export class RejectedQuery extends IntersectionType(RejectedFilterDto, PageQuery) {}

export class RejectedGroupsQuery extends RejectedQuery {
  @ApiPropertyOptional({
    type: 'string',
    default: GROUP_DIMENSIONS.join(),
    description: `comma separated, of ${GROUP_DIMENSIONS.join(', ')}`,
  })
  @IsOptional()
  @Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? value.split(',') : value,
  )
  @IsIn(GROUP_DIMENSIONS, { each: true, message: `by must be of ${GROUP_DIMENSIONS.join(', ')}` })
  readonly by: readonly GroupDimension[] = GROUP_DIMENSIONS;
}

export class RejectedId {
  @ApiProperty({
    type: 'string',
    example: '3-120',
    description: 'partition and offset in events.rejected.v1',
  })
  @Matches(/^\d{1,5}-\d{1,19}$/, { message: 'id must be partition-offset, such as 3-120' })
  readonly id!: string;
}

const STEPS = {
  type: 'array',
  items: { type: 'object' },
  description:
    'steps in their order: {"op":"rename","from","to"}, {"op":"set","path","value"}, {"op":"drop","path"}, ' +
    '{"op":"cast","path","to":"string"|"number"|"boolean"|"instant"}; paths as properties.total or /properties/total',
} as const;

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

export class ReplayBody {
  @ApiPropertyOptional({
    type: [String],
    description: 'of these records; those already replayed are skipped',
  })
  @OptionalMember()
  @IsArray()
  @ArrayMaxSize(REPLAY_LIMITS.records)
  @Matches(/^\d{1,5}-\d{1,19}$/, { each: true, message: 'ids must be partition-offset, such as 3-120' })
  readonly ids?: readonly string[];

  @ApiPropertyOptional({ type: RejectedFilterDto, description: 'or of these; {} means all that are open' })
  @OptionalMember()
  @ValidateNested()
  @Type(() => RejectedFilterDto)
  readonly filter?: RejectedFilterDto;

  @ApiPropertyOptional({ ...STEPS, description: `over each call; ${STEPS.description}` })
  @OptionalMember()
  @IsArray()
  readonly mapping?: MappingStep[];

  @ApiPropertyOptional({
    ...STEPS,
    description: 'over the body of a request that was refused whole, before that',
  })
  @OptionalMember()
  @IsArray()
  readonly bodyMapping?: MappingStep[];

  @ApiPropertyOptional({
    type: 'boolean',
    default: false,
    description:
      'read bytes that are nearly JSON, too: stray commas are left out, NaN and Infinity become null, wrong escapes are what they look like, bytes that are not UTF-8 are Windows-1252',
  })
  @OptionalMember()
  @IsBoolean()
  readonly repair?: boolean;

  @ApiPropertyOptional({ type: 'boolean', default: false, description: 'validate only, and write nothing' })
  @OptionalMember()
  @IsBoolean()
  readonly dryRun: boolean = false;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: REPLAY_LIMITS.records, default: 100 })
  @OptionalMember()
  @IsInt()
  @Min(1)
  @Max(REPLAY_LIMITS.records)
  readonly limit: number = 100;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 100, default: 5 })
  @OptionalMember()
  @IsInt()
  @Min(0)
  @Max(100)
  readonly samples: number = 5;

  @ApiPropertyOptional({ type: 'string', description: 'where the call before ended: its `cursor.next`' })
  @OptionalMember()
  @IsString()
  readonly cursor?: string;
}
