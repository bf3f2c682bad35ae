import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { ErrorDto } from './error.dto.js';

/** Says in the documents what {@link TokenGuard} does to every route under /v1. */
export const Secured = () =>
  applyDecorators(ApiBearerAuth(), ApiBasicAuth(), ApiUnauthorizedResponse({ type: ErrorDto }));
