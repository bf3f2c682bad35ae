import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HealthRegistry } from './health.js';
import type { Logger } from './logging.js';

/** A service that listens and consumes. */
export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Where it answers other services of the platform; absent where it does so nowhere apart. */
  readonly internalUrl: string | undefined;
  readonly health: HealthRegistry;
  readonly logger: Logger;
  /** Drains: what was taken in is finished, then everything is closed. */
  close(): Promise<void>;
}
