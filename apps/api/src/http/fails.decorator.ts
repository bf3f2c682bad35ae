import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ErrorDto } from './error.dto.js';

/** The failures that a route may answer beside those of every route: statuses, with what each says where that needs words. */
export const Fails = (...failures: readonly (number | readonly [status: number, description: string])[]) =>
  applyDecorators(
    ...failures.map((failure) => {
      const [status, description] = typeof failure === 'number' ? [failure] : failure;
      return ApiResponse({
        status,
        standardSchema: ErrorDto,
        ...(description === undefined ? {} : { description }),
      });
    }),
  );
