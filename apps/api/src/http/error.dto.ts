import Type from 'typebox';
import { ERRORS } from './api.errors.js';
import { dto } from './dto.js';

/** What went wrong. */
export const FailureDto = dto('FailureDto', {
  code: Type.Enum(Object.keys(ERRORS)),
  message: Type.String(),
  details: Type.Optional(Type.Unknown({ description: 'what was wrong with which field, where it is known' })),
});

/** The body of every answer that is not a success. */
export const ErrorDto = dto('ErrorDto', {
  error: FailureDto,
});
