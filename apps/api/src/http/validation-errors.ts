import type { ValidationError } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { ApiError } from './api.errors.js';
import { unknownField, type MemberProblem } from './unknown-members.js';

/** Of a value of another type nothing more is said: its length or size is that of nothing. */
const FIRST = ['isString', 'isInt', 'isBoolean', 'isArray', 'isObject', 'nestedValidation'];

/** What is wrong with a body, a query or a path, by field. */
export function toApiError(errors: readonly ValidationError[]): ApiError {
  const details = detailsOf(errors, '');
  const message = details.map((detail) => detail.message).join('; ');
  return new ApiError({ code: 'invalid_request', message: message || 'The request is not valid.', details });
}

function detailsOf(errors: readonly ValidationError[], within: string): readonly MemberProblem[] {
  return errors.flatMap((error) => {
    const field = `${within}${error.property}`;
    const own = messagesOf(error).map((message) => ({ field, message }));
    return [...own, ...detailsOf(error.children ?? [], `${field}.`)];
  });
}

function messagesOf({ property, target, constraints = {} }: ValidationError): readonly string[] {
  if ('whitelistValidation' in constraints) {
    const { message } = unknownField(property, property, fieldsOf(target));
    return [`${property} ${message}`];
  }
  const first = FIRST.flatMap((name) => constraints[name] ?? [])[0];
  return first === undefined ? Object.values(constraints) : [first];
}

/** The fields of a class whose instance was checked. */
function fieldsOf(target: object | undefined): readonly string[] {
  if (!target) return [];
  const checks = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', true, false);
  return [...new Set(checks.map(({ propertyName }) => propertyName))];
}
