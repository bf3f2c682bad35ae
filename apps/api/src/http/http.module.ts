import { Module, ValidationPipe, type ValidationError } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ApiError } from './api.errors.js';
import { ApiExceptionFilter } from './api-exception.filter.js';
import { RequestHooks } from './request.hooks.js';
import { TokenGuard } from './token.guard.js';

/** What holds for every route: who may ask, what may be sent, how failures are told. */
@Module({
  providers: [
    RequestHooks,
    { provide: APP_GUARD, useClass: TokenGuard },
    { provide: APP_FILTER, useClass: ApiExceptionFilter },
    {
      provide: APP_PIPE,
      useFactory: () =>
        new ValidationPipe({
          whitelist: true,
          forbidNonWhitelisted: true,
          transform: true,
          exceptionFactory: toApiError,
        }),
    },
  ],
})
export class HttpModule {}

function toApiError(errors: readonly ValidationError[]): ApiError {
  const details = detailsOf(errors, '');
  const message = details.map((detail) => detail.message).join('; ');
  return new ApiError({ code: 'invalid_request', message: message || 'The request is not valid.', details });
}

function detailsOf(
  errors: readonly ValidationError[],
  within: string,
): readonly { readonly field: string; readonly message: string }[] {
  return errors.flatMap(({ property, constraints, children = [] }) => {
    const field = `${within}${property}`;
    const own = Object.values(constraints ?? {}).map((message) => ({ field, message }));
    return [...own, ...detailsOf(children, `${field}.`)];
  });
}
