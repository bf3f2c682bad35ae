import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_STATUS, type ErrorCode } from './api.errors.js';

class FailureDto {
  @ApiProperty({ enum: Object.keys(ERROR_STATUS) })
  readonly code!: ErrorCode;

  @ApiProperty({ type: 'string' })
  readonly message!: string;

  @ApiPropertyOptional({ description: 'what was wrong with which field, where it is known' })
  readonly details?: unknown;
}

/** The body of every answer that is not a success. */
export class ErrorDto {
  @ApiProperty({ type: FailureDto })
  readonly error!: FailureDto;
}
