import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { OptionalMember } from '../../http/optional-member.decorator.js';
import { CursorDto, PageQuery } from '../../http/page.dto.js';
import type { ShownSplit } from './shown-split.js';

const REASON = {
  type: 'string',
  maxLength: 500,
  description: 'why, in your words',
  example: 'ticket 4711',
} as const;

/** The two, in either order. */
export class SplitPair {
  @ApiProperty({ type: 'string', description: 'namespace:value, URL-encoded', example: 'user_id:u1' })
  @IsString()
  readonly a!: string;

  @ApiProperty({
    type: 'string',
    description: 'namespace:value, URL-encoded',
    example: 'email:ann@example.com',
  })
  @IsString()
  readonly b!: string;
}

export class SplitBody {
  @ApiPropertyOptional(REASON)
  @OptionalMember()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}

export class SplitsQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: ['true', 'false', 'all'],
    default: 'true',
    description: 'true: those in force; false: those that were removed',
  })
  @IsOptional()
  @IsIn(['true', 'false', 'all'], { message: 'apart must be true, false or all' })
  readonly apart: 'true' | 'false' | 'all' = 'true';

  @ApiPropertyOptional({ type: 'string', description: 'only those that name it', example: 'user_id:u1' })
  @IsOptional()
  @IsString()
  readonly identifier?: string;
}

export class SplitDto implements ShownSplit {
  @ApiProperty({
    type: 'string',
    example: 'email:ann@example.com',
    description: 'the first in the order of text',
  })
  readonly a!: string;

  @ApiProperty({ type: 'string', example: 'user_id:u1' })
  readonly b!: string;

  @ApiProperty({ type: 'boolean', description: 'false: it was removed' })
  readonly apart!: boolean;

  @ApiPropertyOptional(REASON)
  readonly reason?: string;

  @ApiProperty({ type: 'string', format: 'date-time', description: 'when the two were first split' })
  readonly createdAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly updatedAt!: string;

  @ApiProperty({ type: 'integer', description: 'grows with every change; the ETag is the same in quotes' })
  readonly version!: number;
}

export class SplitPageDto {
  @ApiProperty({ type: [SplitDto] })
  readonly data!: readonly SplitDto[];

  @ApiProperty({ type: CursorDto })
  readonly cursor!: CursorDto;
}
