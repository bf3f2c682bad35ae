import type { ReplayAnswer, ReplayRequest } from '@tributary/contracts';
import type { Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';

export const REPLAYER = Symbol('REPLAYER');

/** Validates rejected records again, mended, and writes what passes. As often as one likes: it makes the same events. */
export interface Replayer {
  replay(request: ReplayRequest): Promise<Result<ReplayAnswer, ApiFailure>>;
}
