import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, IsUUID } from 'class-validator';

export class ProfileId {
  @ApiProperty({ type: 'string', format: 'uuid' })
  @Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  )
  @IsUUID()
  readonly profileId!: string;
}

export class IdentifierQuery {
  @ApiProperty({ type: 'string', description: 'namespace:value', example: 'user_id:u1' })
  @IsString({ message: 'identifier must be namespace:value, such as user_id:u1' })
  readonly identifier!: string;
}
