import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MAX_QUERY_LENGTH, WARNING_CODES, type AudienceWarning } from '@tributary/audiences';
import { IsObject, IsString, Length, Matches, MaxLength, ValidateIf } from 'class-validator';
import { OptionalMember } from '../http/optional-member.decorator.js';
import { CursorDto } from '../http/page.dto.js';
import type { ShownAudience } from './shown-audience.js';

const QUERY_EXAMPLE = "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1";

/** What a page that tries the API fills in; each is accepted as it stands. */
export const AUDIENCE_EXAMPLES = {
  query: {
    summary: 'as text',
    value: { name: 'Shoe buyers', description: 'Bought expensive shoes this week', query: QUERY_EXAMPLE },
  },
  definition: {
    summary: 'as the tree that the text means',
    value: {
      name: 'Pro customers',
      definition: { kind: 'trait', name: 'plan', comparison: { op: '=', value: 'pro' } },
    },
  },
};

export class AudienceKey {
  @ApiProperty({ type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,99}$', example: 'shoe-buyers' })
  @Matches(/^[a-z0-9][a-z0-9_-]{0,99}$/, {
    message: 'key must be 1 to 100 of a-z, 0-9, _ and -, and begin with a letter or a digit',
  })
  readonly key!: string;
}

const NO_QUERY = 'query is missing: send either query or definition';

function isNeededOrSent({ query, definition }: AudienceBody): boolean {
  return query !== undefined || definition === undefined;
}

/** An audience as it is sent: whole, with either `query` or `definition`. */
export class AudienceBody {
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 200, example: 'Shoe buyers' })
  @IsString({ message: 'name must be a text' })
  @Length(1, 200, { message: 'name must be 1 to 200 characters long' })
  @Matches(/\S/, { message: 'name must be more than blanks' })
  readonly name!: string;

  @ApiPropertyOptional({ type: 'string', maxLength: 2_000 })
  @OptionalMember()
  @IsString()
  @MaxLength(2_000)
  readonly description?: string;

  @ApiPropertyOptional({ type: 'string', maxLength: MAX_QUERY_LENGTH, example: QUERY_EXAMPLE })
  @ValidateIf(isNeededOrSent)
  @IsString({ message: ({ value }) => (value === undefined ? NO_QUERY : 'query must be a text') })
  readonly query?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'the tree that a query means',
  })
  @OptionalMember()
  @IsObject()
  readonly definition?: Readonly<Record<string, unknown>>;
}

class AudienceWarningDto implements AudienceWarning {
  @ApiProperty({ enum: WARNING_CODES })
  readonly code!: AudienceWarning['code'];

  @ApiProperty({ type: 'string', example: "event('Order Completed').count() = 0" })
  readonly condition!: string;

  @ApiProperty({ type: 'string', description: 'what the condition does not know, for people' })
  readonly message!: string;
}

export class AudienceDto implements ShownAudience {
  @ApiProperty({ type: 'string', example: 'shoe-buyers' })
  readonly key!: string;

  @ApiProperty({ type: 'string', example: 'Shoe buyers' })
  readonly name!: string;

  @ApiPropertyOptional({ type: 'string' })
  readonly description?: string;

  @ApiProperty({ type: 'string', description: 'in its normal form', example: QUERY_EXAMPLE })
  readonly query!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'the tree that the query means' })
  readonly definition!: Readonly<Record<string, unknown>>;

  @ApiProperty({ enum: ['live'] })
  readonly state!: 'live';

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'members, as the tables have them; null while ClickHouse cannot say',
  })
  readonly size!: number | null;

  @ApiProperty({ type: 'integer', description: 'grows with every change; the ETag is the same in quotes' })
  readonly version!: number;

  @ApiProperty({
    type: [AudienceWarningDto],
    description: 'what the definition does not do yet; may be empty',
  })
  readonly warnings!: readonly AudienceWarning[];

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly updatedAt!: string;
}

export class AudiencePageDto {
  @ApiProperty({ type: [AudienceDto] })
  readonly data!: readonly AudienceDto[];

  @ApiProperty({ type: CursorDto })
  readonly cursor!: CursorDto;
}

class MemberDto {
  @ApiProperty({ type: 'string', format: 'uuid' })
  readonly profileId!: string;

  @ApiProperty({ type: 'string', format: 'date-time', description: 'when it became a member' })
  readonly since!: string;

  @ApiProperty({ type: [String], example: ['user_id:u1', 'email:ann@example.com'] })
  readonly identifiers!: readonly string[];
}

export class MemberPageDto {
  @ApiProperty({ type: [MemberDto] })
  readonly data!: readonly MemberDto[];

  @ApiProperty({ type: CursorDto })
  readonly cursor!: CursorDto;
}
