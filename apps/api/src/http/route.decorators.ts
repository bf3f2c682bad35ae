import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { Preconditions } from '../control/changes.js';
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

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: object }>>;

/** What a page that tries the API fills in; the schema of the body is that of `@Body`. */
export const BodyExamples = (examples: Examples) => ApiBody({ schema: {}, examples: { ...examples } });

/** A route that changes a definition: it takes a reason, and may answer 202 before the change is in force. */
export const Changes = () =>
  applyDecorators(
    ApiHeader({ name: 'X-Reason', required: false, description: 'why, kept with the version' }),
    ApiAcceptedResponse({ description: 'it is kept, and will be in force when Kafka has it' }),
    Fails(503),
  );

const DESCRIPTIONS = {
  'If-Match': 'the ETag that it must still have; `*`: it must be there',
  'If-None-Match': '`*`: it must not be there yet, so that nothing is replaced',
};

/** A route that changes something only under these headers, which {@link IfMatches} gives it, and answers 412 otherwise. */
export const Conditional = (...headers: readonly (keyof typeof DESCRIPTIONS)[]) =>
  applyDecorators(
    ...headers.map((name) => ApiHeader({ name, required: false, description: DESCRIPTIONS[name] })),
    Fails(412),
  );

interface ConditionalRequest {
  readonly headers: { readonly 'if-match'?: string; readonly 'if-none-match'?: string };
}

/** The headers of a request under which alone it changes something. */
export const IfMatches = createParamDecorator((_data: unknown, context: ExecutionContext): Preconditions => {
  const { headers } = context.switchToHttp().getRequest<ConditionalRequest>();
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
});
