import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ApiExceptionFilter } from './api-exception.filter.js';
import { RequestHooks } from './request.hooks.js';
import { RequestPipe } from './request.pipe.js';
import { TokenGuard } from './token.guard.js';

/** What holds for every route: who may ask, what may be sent, how failures are answered. */
@Module({
  providers: [
    RequestHooks,
    { provide: APP_GUARD, useClass: TokenGuard },
    { provide: APP_FILTER, useClass: ApiExceptionFilter },
    { provide: APP_PIPE, useClass: RequestPipe },
  ],
})
export class HttpModule {}
