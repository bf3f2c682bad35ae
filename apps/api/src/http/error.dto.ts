import Type from 'typebox';
import { ERRORS } from './api.errors.js';
import { dto } from './dto.js';

/** The body of every answer that is not a success. */
export const ErrorDto = dto('ErrorDto', {
  error: dto('FailureDto', {
    code: Type.Enum(Object.keys(ERRORS)),
    message: Type.String(),
    details: Type.Optional(
      Type.Unknown({ description: 'what was wrong with which field, where it is known' }),
    ),
  }),
});
