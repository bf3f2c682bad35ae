import Type from 'typebox';
import { ERROR_STATUS } from './api.errors.js';
import { dto } from './dto.js';

/** The body of every answer that is not a success. */
export const ErrorDto = dto('ErrorDto', {
  error: dto('FailureDto', {
    code: Type.Enum(Object.keys(ERROR_STATUS)),
    message: Type.String(),
    details: Type.Optional(
      Type.Unknown({ description: 'what was wrong with which field, where it is known' }),
    ),
  }),
});
