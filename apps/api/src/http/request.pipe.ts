import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { ApiError } from './api.errors.js';
import { toApiError } from './validation-errors.js';

/** Checks what is sent against the class that describes it; a body that a class describes is an object. */
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      // The nearest name of a field is looked for in its class.
      validationError: { target: true },
      exceptionFactory: toApiError,
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && this.toValidate(metadata) && value !== undefined && !isObject(value)) {
      const message = `The body must be a JSON object, found ${kindOf(value)}.`;
      throw new ApiError({ code: 'invalid_request', message });
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === '' ? 'an empty text' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
