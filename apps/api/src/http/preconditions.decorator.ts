import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Preconditions } from '../control/changes.js';
import { Fails } from './fails.decorator.js';

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
