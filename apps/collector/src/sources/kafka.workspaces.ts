import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { TOPICS, WorkspaceMessage } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { FollowedDefinitions } from '../control/followed-definitions.js';
import type { RateLimit } from './source-registry.port.js';
import type { Workspaces } from './workspaces.port.js';

/** The workspaces as `control.workspaces.v1` has them, with the quotas of the settings where they have none. */
@Injectable()
export class KafkaWorkspaces implements Workspaces, OnModuleInit, OnModuleDestroy {
  readonly #followed: FollowedDefinitions<typeof WorkspaceMessage>;
  readonly #usual: RateLimit;
  #rates: ReadonlyMap<string, RateLimit> = new Map();
  #disabled: ReadonlySet<string> = new Set();

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) logger: Logger,
    connection: KafkaConnection,
  ) {
    this.#usual = rateOf(config.QUOTA_EVENTS_PER_SECOND);
    this.#followed = new FollowedDefinitions({
      config,
      connection,
      logger,
      topic: TOPICS.workspaces,
      schema: WorkspaceMessage,
      name: 'workspaces',
      put: (workspaces) => {
        this.#put(workspaces.filter(({ workspaceId }) => workspaceId === config.TRIBUTARY_WORKSPACE));
      },
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#followed.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#followed.stop();
  }

  isEnabled(workspaceId: string): boolean {
    return !this.#disabled.has(workspaceId);
  }

  rateOf(workspaceId: string): RateLimit {
    return this.#rates.get(workspaceId) ?? this.#usual;
  }

  #put(workspaces: readonly WorkspaceMessage[]): void {
    this.#rates = new Map(
      workspaces.flatMap(({ id, quotas: { eventsPerSecond } }) =>
        eventsPerSecond === undefined ? [] : [[id, rateOf(eventsPerSecond)] as const],
      ),
    );
    this.#disabled = new Set(workspaces.filter(({ enabled }) => !enabled).map(({ id }) => id));
  }
}

function rateOf(eventsPerSecond: number): RateLimit {
  return { eventsPerSecond, burst: eventsPerSecond };
}
