import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ControlPlane, DatabaseAwayError } from '@tributary/control';
import { CONFIG, isLoopback, LOGGER, type Logger } from '@tributary/service';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiConfig } from '../api.config.js';
import { inWorkspace } from '../workspaces/current-workspace.js';
import { LinksService } from './users/links.service.js';

const TRY_AGAIN_MS = 1_000;

/** Says at the start who is let in, and how the first user comes in. */
@Injectable()
export class AccessLifecycle implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #ending = new AbortController();

  constructor(
    private readonly plane: ControlPlane,
    private readonly links: LinksService,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const { API_LOCAL_OPERATOR, BIND_ADDRESS } = this.config;
    if (API_LOCAL_OPERATOR && !isLoopback(BIND_ADDRESS))
      throw new Error(
        `API_LOCAL_OPERATOR is true and BIND_ADDRESS is ${BIND_ADDRESS}: whoever is not at this machine must sign in; leave it out, or bind to 127.0.0.1`,
      );
  }

  onApplicationBootstrap(): void {
    if (this.config.API_LOCAL_OPERATOR) {
      this.logger.warn({}, 'requests from this machine need no password: they are the operator’s');
      return;
    }
    void this.#sayFirstLink().catch((error: unknown) => {
      if (!this.#ending.signal.aborted) this.logger.error({ err: error }, 'no link for the first user');
    });
  }

  onApplicationShutdown(): void {
    this.#ending.abort();
  }

  /** The first user is one of the installation's own workspace. */
  #firstLink() {
    return inWorkspace(this.config.TRIBUTARY_WORKSPACE, () => this.links.forFirstUser());
  }

  async #sayFirstLink(): Promise<void> {
    for (;;) {
      try {
        const first = this.plane.isPrepared ? await this.#firstLink() : 'later';
        if (first !== 'later') {
          const { API_PORT: port } = this.config;
          const base = this.config.API_PUBLIC_URL === undefined ? `http://127.0.0.1:${port}` : '';
          if (first)
            this.logger.warn(
              { link: `${base}${first.link}`, expiresAt: first.expiresAt },
              'there is no user yet: the first one comes in by this link, once',
            );
          return;
        }
      } catch (error) {
        if (!(error instanceof DatabaseAwayError)) throw error;
      }
      await delay(TRY_AGAIN_MS, undefined, { signal: this.#ending.signal, ref: false });
    }
  }
}
