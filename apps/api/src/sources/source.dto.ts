import { ApiProperty, ApiPropertyOptional, type ApiResponseSchemaHost } from '@nestjs/swagger';
import { SourceMessage, TrackingPlan, WebhookMapping, WebhookSignature } from '@tributary/contracts';
import { Type as Typed } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import Type from 'typebox';
import { OptionalMember } from '../http/optional-member.decorator.js';
import { CursorDto, LIMIT_RANGE, MAX_LIMIT } from '../http/page.dto.js';
import type { ShownSource } from './shown-source.js';

const plain = (schema: object) => JSON.parse(JSON.stringify(schema)) as ApiResponseSchemaHost['schema'];
const { rateLimit, identifierKeys, deduplicateBy, writeKeys } = SourceMessage.properties;
const RATE_LIMIT = plain(rateLimit);
const IDENTIFIER_KEYS = plain(identifierKeys);
const DEDUPLICATE_BY = plain(deduplicateBy);
const WRITE_KEYS = plain(writeKeys);
const WEBHOOK = plain(WebhookMapping);
/** A signature is shown without its secret. */
const SHOWN_WEBHOOK = plain(
  Type.Object({
    ...WebhookMapping.properties,
    signature: Type.Optional(Type.Omit(WebhookSignature, ['secret'])),
  }),
);
const PLAN = plain(TrackingPlan);
/** What has a schema of its own is described by it, and validated by it in the service. */
const described = (schema: ApiResponseSchemaHost['schema'], description: string) => ({
  ...(schema as object),
  description,
});
const ORIGINS = 'of browsers that may send, as https://shop.example; absent: any';

const DEDUPLICATED =
  'the property that identifies an event, by the name of the track call: events of one name and one value are duplicates';

export class SourceId {
  @ApiProperty({ type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,63}$', example: 'web' })
  @Matches(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
    message: 'id must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or a digit',
  })
  readonly id!: string;
}

export class SourceKey extends SourceId {
  @ApiProperty({ type: 'string' })
  @IsString()
  readonly key!: string;
}

/** What a page that tries the API fills in; each is accepted as it stands. */
export const SOURCE_EXAMPLES = {
  plain: { summary: 'a web shop', value: { name: 'Web shop' } },
  bounded: {
    summary:
      'with a rate, the origins of its pages, a property that is an identifier, and one that identifies orders',
    value: {
      name: 'Web shop',
      rateLimit: { eventsPerSecond: 500, burst: 2_000 },
      allowedOrigins: ['https://shop.example'],
      identifierKeys: { properties: { card_number: 'loyalty_card' } },
      deduplicateBy: { 'Order Completed': 'properties.order_id' },
    },
  },
};

/** A source as it is sent: whole. Its write keys stay as they are unless they are sent, too. */
export class SourceBody {
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 200, example: 'Web shop' })
  @IsString({ message: 'name must be a text' })
  @Length(1, 200, { message: 'name must be 1 to 200 characters long' })
  @Matches(/\S/, { message: 'name must be more than blanks' })
  readonly name!: string;

  @ApiPropertyOptional({
    type: 'boolean',
    default: true,
    description: 'false: its calls are refused with 403',
  })
  @OptionalMember()
  @IsBoolean()
  readonly enabled?: boolean;

  @ApiPropertyOptional(
    described(
      WRITE_KEYS,
      'all of its keys; absent: they stay as they are. When each was made cannot be changed',
    ),
  )
  @OptionalMember()
  @IsArray()
  readonly writeKeys?: readonly unknown[];

  @ApiPropertyOptional(described(RATE_LIMIT, 'events a second that are taken; absent: no limit'))
  @OptionalMember()
  @IsObject()
  readonly rateLimit?: object;

  @ApiPropertyOptional({ type: [String], example: ['https://shop.example'], description: ORIGINS })
  @OptionalMember()
  @IsArray()
  @IsString({ each: true })
  readonly allowedOrigins?: readonly string[];

  @ApiPropertyOptional(described(IDENTIFIER_KEYS, 'traits and properties whose values are identifiers'))
  @OptionalMember()
  @IsObject()
  readonly identifierKeys?: object;

  @ApiPropertyOptional(described(DEDUPLICATE_BY, DEDUPLICATED))
  @OptionalMember()
  @IsObject()
  readonly deduplicateBy?: object;

  @ApiPropertyOptional(described(WEBHOOK, 'how JSON that is no tracking call becomes calls'))
  @OptionalMember()
  @IsObject()
  readonly webhook?: object;

  @ApiPropertyOptional(described(PLAN, 'what its calls are to look like'))
  @OptionalMember()
  @IsObject()
  readonly plan?: object;
}

export class WriteKeyDto {
  @ApiProperty({ type: 'string', example: 'wk_Zn0S6mQ0v1cX9yT4bH2kLw8e' })
  readonly key!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly createdAt!: string;
}

export class SourceDto implements ShownSource {
  @ApiProperty({ type: 'string', example: 'web' })
  readonly id!: string;

  @ApiProperty({ type: 'string', example: 'Web shop' })
  readonly name!: string;

  @ApiProperty({ type: 'boolean' })
  readonly enabled!: boolean;

  @ApiProperty({ type: [WriteKeyDto] })
  readonly writeKeys!: ShownSource['writeKeys'];

  @ApiPropertyOptional(described(RATE_LIMIT, 'events a second that are taken; absent: no limit'))
  readonly rateLimit?: NonNullable<ShownSource['rateLimit']>;

  @ApiPropertyOptional({ type: [String], description: ORIGINS })
  readonly allowedOrigins?: NonNullable<ShownSource['allowedOrigins']>;

  @ApiPropertyOptional(described(IDENTIFIER_KEYS, 'traits and properties whose values are identifiers'))
  readonly identifierKeys?: NonNullable<ShownSource['identifierKeys']>;

  @ApiPropertyOptional(described(DEDUPLICATE_BY, DEDUPLICATED))
  readonly deduplicateBy?: NonNullable<ShownSource['deduplicateBy']>;

  @ApiPropertyOptional(described(SHOWN_WEBHOOK, 'how JSON that is no tracking call becomes calls'))
  readonly webhook?: NonNullable<ShownSource['webhook']>;

  @ApiPropertyOptional(described(PLAN, 'what its calls are to look like'))
  readonly plan?: NonNullable<ShownSource['plan']>;

  @ApiProperty({
    type: 'integer',
    description:
      'grows with every change; -1: the source `default`, which the settings define. The ETag is the same number in quotes',
  })
  readonly version!: number;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly updatedAt!: string;
}

export class SourcePageDto {
  @ApiProperty({ type: [SourceDto] })
  readonly data!: readonly SourceDto[];

  @ApiProperty({ type: CursorDto })
  readonly cursor!: CursorDto;
}

export class ViolationsQuery {
  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'from when on, by time of receipt; the last seven days unless given',
  })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'since must be an instant, such as 2026-01-02T03:04:05Z' })
  readonly since?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: 100 })
  @IsOptional()
  @Typed(() => Number)
  @IsInt(LIMIT_RANGE)
  @Min(1, LIMIT_RANGE)
  @Max(MAX_LIMIT, LIMIT_RANGE)
  readonly limit: number = 100;
}

class ViolationsDto {
  @ApiProperty({ type: 'string', example: 'track' })
  readonly type!: string;

  @ApiProperty({ type: 'string', example: 'Order Completed', description: 'empty where the call has none' })
  readonly event!: string;

  @ApiProperty({ type: 'string', example: 'properties.items[].price' })
  readonly field!: string;

  @ApiProperty({ enum: ['plan_violation', 'unplanned_event'] })
  readonly code!: string;

  @ApiProperty({ type: 'string', example: 'must be number' })
  readonly message!: string;

  @ApiProperty({ enum: ['allowed', 'dropped', 'rejected'], description: 'what became of it' })
  readonly outcome!: string;

  @ApiProperty({ type: 'integer', description: 'calls' })
  readonly count!: number;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly firstSeenAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly lastSeenAt!: string;
}

export class ViolationsPageDto {
  @ApiProperty({ type: [ViolationsDto], description: 'the most frequent first' })
  readonly data!: readonly ViolationsDto[];
}
