import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AccessModule } from '../access/access.module.js';
import { ApiExceptionFilter } from './api-exception.filter.js';
import { RequestHooks } from './request.hooks.js';
import { RequestPipe } from './request.pipe.js';

/** What holds for every route: who may ask, what may be sent, how failures are answered. */
@Module({
  imports: [AccessModule],
  providers: [
    RequestHooks,
    { provide: APP_FILTER, useClass: ApiExceptionFilter },
    { provide: APP_PIPE, useClass: RequestPipe },
  ],
})
export class HttpModule {}
