import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { IdentityRulesMessage, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { DEFAULT_RULES, ruleFaults } from '@tributary/identity';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { FollowedDefinitions } from '../control/followed-definitions.js';
import { toNormaliserOf } from './normaliser.js';
import type { Normalisers } from './normalisers.port.js';

/** By the rules that `control.identity-rules.v1` has, and the built-in ones where it has none. */
@Injectable()
export class KafkaNormalisers implements Normalisers, OnModuleInit, OnModuleDestroy {
  readonly #followed: FollowedDefinitions<typeof IdentityRulesMessage>;
  #normaliserOf = toNormaliserOf(DEFAULT_RULES);

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
        this.#put(definitions[0]);
      },
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#followed.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#followed.stop();
  }

  get normaliserOf() {
    return this.#normaliserOf;
  }

  /** Rules that cannot be in force, written past the API, leave those that are. */
  #put(message: IdentityRulesMessage | undefined): void {
    const rules = message ?? DEFAULT_RULES;
    const faults = ruleFaults(rules);
    if (faults.length > 0)
      this.logger.error({ faults: faults.slice(0, 5) }, 'identity rules are not in force');
    else this.#normaliserOf = toNormaliserOf(rules);
  }
}
