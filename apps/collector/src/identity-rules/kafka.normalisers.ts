import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { IdentityRulesMessage, TOPICS } from '@tributary/contracts';
import type { NormaliserOf } from '@tributary/events';
import { KafkaConnection } from '@tributary/kafka';
import { DEFAULT_RULES, ruleFaults } from '@tributary/identity';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { FollowedDefinitions } from '../control/followed-definitions.js';
import { toNormaliserOf } from './normaliser.js';
import type { Normalisers } from './normalisers.port.js';

/** Rules in force, and what was made of them. */
interface InForce {
  readonly message: IdentityRulesMessage;
  readonly normaliserOf: NormaliserOf;
}

/** By the rules that `control.identity-rules.v1` has for a workspace, and the built-in ones where it has none. */
@Injectable()
export class KafkaNormalisers implements Normalisers, OnModuleInit, OnModuleDestroy {
  readonly #followed: FollowedDefinitions<typeof IdentityRulesMessage>;
  readonly #builtIn = toNormaliserOf(DEFAULT_RULES);
  /** By workspace. */
  #inForce: ReadonlyMap<string, InForce> = new Map();

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    connection: KafkaConnection,
  ) {
    this.#followed = new FollowedDefinitions({
      config,
      connection,
      logger,
      topic: TOPICS.identityRules,
      schema: IdentityRulesMessage,
      name: 'identity-rules',
      put: (definitions) => {
        this.#put(definitions);
      },
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#followed.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#followed.stop();
  }

  of(workspaceId: string): NormaliserOf {
    return this.#inForce.get(workspaceId)?.normaliserOf ?? this.#builtIn;
  }

  /** Rules that cannot be in force, written past the API, leave those that are. */
  #put(messages: readonly IdentityRulesMessage[]): void {
    const inForce = new Map<string, InForce>();
    for (const message of messages) {
      const { workspaceId } = message;
      const made = this.#made(message, this.#inForce.get(workspaceId));
      if (made) inForce.set(workspaceId, made);
    }
    this.#inForce = inForce;
  }

  #made(message: IdentityRulesMessage, before: InForce | undefined): InForce | undefined {
    if (before?.message === message) return before;
    const faults = ruleFaults(message);
    if (faults.length === 0) return { message, normaliserOf: toNormaliserOf(message) };
    const { workspaceId: workspace } = message;
    this.logger.error({ workspace, faults: faults.slice(0, 5) }, 'identity rules are not in force');
    return before && { ...before, message };
  }
}
