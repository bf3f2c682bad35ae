import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Preconditions } from '../control/changes.js';

interface ConditionalRequest {
  readonly headers: { readonly 'if-match'?: string; readonly 'if-none-match'?: string };
}

/** The headers of a request under which alone it changes something. */
export const IfMatches = createParamDecorator((_data: unknown, context: ExecutionContext): Preconditions => {
  const { headers } = context.switchToHttp().getRequest<ConditionalRequest>();
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
});

/** How documents describe `If-Match`. */
export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'the ETag that it must still have; `*`: it must be there',
};

/** How documents describe `If-None-Match`. */
export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: '`*`: it must not be there yet, so that nothing is replaced',
};
