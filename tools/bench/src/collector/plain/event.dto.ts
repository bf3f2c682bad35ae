import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

const TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;

/** What one call has in common with all calls. */
export class EventDto {
  @IsIn(TYPES)
  type!: (typeof TYPES)[number];

  @IsOptional()
  @IsString()
  @MaxLength(100)
  messageId?: string;

  @ValidateIf(({ anonymousId }: EventDto) => anonymousId === undefined)
  @IsString()
  @MaxLength(512)
  userId?: string;

  @IsOptional()
  @IsString()
  @MaxLength(512)
  anonymousId?: string;

  @ValidateIf(({ type }: EventDto) => type === 'track')
  @IsString()
  event?: string;

  @IsOptional()
  @IsString()
  name?: string;

  @IsOptional()
  @IsObject()
  properties?: Record<string, unknown>;

  @IsOptional()
  @IsObject()
  traits?: Record<string, unknown>;

  @IsOptional()
  @IsObject()
  context?: Record<string, unknown>;

  @IsOptional()
  @IsISO8601()
  timestamp?: string;

  @IsOptional()
  @IsISO8601()
  sentAt?: string;
}

/** Several calls. */
export class BatchDto {
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(2_500)
  @ValidateNested({ each: true })
  @Type(() => EventDto)
  batch!: EventDto[];

  @IsOptional()
  @IsISO8601()
  sentAt?: string;
}
