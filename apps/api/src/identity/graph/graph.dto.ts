import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { SplitDto } from '../splits/split.dto.js';
import type { Apart, ShownGraph, ShownIdentifier, ShownLink } from './shown-graph.js';
import type { Refusal } from './refusal.js';

const IDENTIFIER = { type: 'string', example: 'user_id:u1' } as const;
const INSTANT = { type: 'string', format: 'date-time' } as const;

export class GraphQuery {
  @ApiProperty({ ...IDENTIFIER, description: 'namespace:value' })
  @IsString({ message: 'identifier must be namespace:value, such as user_id:u1' })
  readonly identifier!: string;

  @ApiPropertyOptional({ ...IDENTIFIER, description: 'another one: what leads from the one to the other?' })
  @IsOptional()
  @IsString({ message: 'to must be namespace:value, such as user_id:u1' })
  readonly to?: string;
}

class GraphIdentifierDto implements ShownIdentifier {
  @ApiProperty(IDENTIFIER)
  readonly identifier!: ShownIdentifier['identifier'];

  @ApiProperty({ type: 'string', example: 'user_id' })
  readonly namespace!: string;

  @ApiProperty({ type: 'string', example: 'u1' })
  readonly value!: string;

  @ApiPropertyOptional(INSTANT)
  readonly firstSeenAt?: string;

  @ApiPropertyOptional({ ...INSTANT, description: 'since when it is in this profile' })
  readonly since?: string;

  @ApiProperty({
    enum: ['linked', 'alone', 'split', 'rules', 'beyond_bound'],
    description: 'what put it there; alone: it is the first, or nothing joins it to another',
  })
  readonly reason!: string;
}

class FirstEventDto {
  @ApiProperty({ type: 'string', example: 'web' })
  readonly sourceId!: string;

  @ApiProperty({ type: 'string' })
  readonly messageId!: string;

  @ApiProperty({ type: 'string', example: 'track' })
  readonly type!: string;

  @ApiProperty({
    type: 'string',
    description: 'its name; empty where the call has none',
    example: 'Signed Up',
  })
  readonly event!: string;

  @ApiProperty(INSTANT)
  readonly receivedAt!: string;
}

class RefusalDto implements Refusal {
  @ApiProperty({
    enum: [
      'blocked',
      'too_many_partners',
      'supernode',
      'limit',
      'members',
      'split',
      'beyond_bound',
      'unknown',
    ],
    description:
      'unknown: the component has too many links to explain, or the link was refused before reasons were kept',
  })
  readonly rule!: Refusal['rule'];

  @ApiProperty({ type: 'string', description: 'the same in words' })
  readonly words!: string;

  @ApiPropertyOptional({
    ...IDENTIFIER,
    description: 'the end that refuses; absent: the profile of both would',
  })
  readonly end?: NonNullable<Refusal['end']>;

  @ApiPropertyOptional({ type: 'string', description: 'whose rule it is' })
  readonly namespace?: string;

  @ApiPropertyOptional({ type: [String], description: 'the two that are kept apart' })
  readonly split?: NonNullable<Refusal['split']>;
}

class GraphLinkDto implements ShownLink {
  @ApiProperty(IDENTIFIER)
  readonly a!: ShownLink['a'];

  @ApiProperty(IDENTIFIER)
  readonly b!: ShownLink['b'];

  @ApiProperty({ ...INSTANT, description: 'when the two first occurred on one event' })
  readonly firstSeenAt!: string;

  @ApiPropertyOptional({
    type: FirstEventDto,
    description: 'that event; absent where the table has not got it',
  })
  readonly firstEvent?: FirstEventDto;

  @ApiProperty({
    enum: ['joined', 'refused', 'pending'],
    description:
      'joined: it makes the two one person; refused: it does not, though others may; pending: not decided yet, or the tables are late',
  })
  readonly state!: ShownLink['state'];

  @ApiPropertyOptional({ type: RefusalDto })
  readonly refusal?: RefusalDto;
}

class ApartDto implements Apart {
  @ApiProperty(IDENTIFIER)
  readonly identifier!: Apart['identifier'];

  @ApiProperty({ type: 'string', format: 'uuid' })
  readonly profileId!: string;

  @ApiProperty({ type: 'string' })
  readonly message!: string;
}

export class GraphDto implements ShownGraph {
  @ApiProperty(IDENTIFIER)
  readonly identifier!: ShownGraph['identifier'];

  @ApiProperty({ type: 'string', format: 'uuid' })
  readonly profileId!: string;

  @ApiProperty({
    type: [GraphIdentifierDto],
    description: 'of its profile, in the order in which they were seen',
  })
  readonly identifiers!: readonly GraphIdentifierDto[];

  @ApiProperty({ type: [GraphLinkDto], description: 'of these identifiers, those that join first' })
  readonly links!: readonly GraphLinkDto[];

  @ApiPropertyOptional({
    type: [GraphLinkDto],
    description:
      'the shortest chain of joining links that leads to `to`; absent where the two are not one person',
  })
  readonly path?: readonly GraphLinkDto[];

  @ApiPropertyOptional({ type: ApartDto, description: '`to`, where it is in another profile' })
  readonly apart?: ApartDto;

  @ApiProperty({ type: [SplitDto], description: 'those in force that name one of the identifiers' })
  readonly splits!: readonly SplitDto[];

  @ApiProperty({ type: 'integer', description: 'of the rules in force' })
  readonly rulesVersion!: number;

  @ApiProperty({ type: 'boolean', description: 'there are more identifiers or links than are shown' })
  readonly truncated!: boolean;
}
