import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 1_000;
export const LIMIT_RANGE = { message: `limit must be a whole number from 1 to ${MAX_LIMIT}` };

/** Which part of a list is asked for. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @IsOptional()
  @Type(() => Number)
  @IsInt(LIMIT_RANGE)
  @Min(1, LIMIT_RANGE)
  @Max(MAX_LIMIT, LIMIT_RANGE)
  readonly limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({
    type: 'string',
    description: 'where the page before ended: its `cursor.next`, with the same filters',
  })
  @IsOptional()
  @IsString()
  readonly cursor?: string;
}

export class CursorDto {
  @ApiProperty({ type: 'string', nullable: true, description: 'null on the last page' })
  readonly next!: string | null;

  @ApiProperty({ type: 'boolean' })
  readonly hasMore!: boolean;
}
