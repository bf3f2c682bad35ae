import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ApiError } from './api.errors.js';
import { invalidRequest, type Problem } from './problems.js';

/** Validates what is sent against the schema that describes it. */
export class RequestPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (problems) => new ApiError(invalidRequest(problems as readonly Problem[])),
    });
  }

  /** Such names may be those of customers' members; bodies that would change prototypes are not read at all. */
  protected override stripProtoKeys(): void {
    return undefined;
  }
}
