import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, type IdentityRulesMessage } from '@tributary/contracts';
import { ruleFaults } from '@tributary/identity';
import { failed, ok } from '@tributary/kernel';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { KafkaControlRecords } from '../../control/kafka.control-records.js';

/** The rules as `control.identity-rules.v1` has them: one record, of the id `rules`, or none. */
@Injectable()
export class KafkaRulesCatalog extends KafkaControlRecords<IdentityRulesMessage> {
  constructor(@Inject(CONFIG) config: ApiConfig, @Inject(LOGGER) logger: Logger) {
    super({
      topic: TOPICS.identityRules,
      config,
      logger,
      onRead: (rules) => {
        const faults = ruleFaults(rules);
        return faults.length === 0
          ? ok(rules)
          : failed(faults.map((f) => `${f.field} ${f.message}`).join('; '));
      },
    });
  }
}
