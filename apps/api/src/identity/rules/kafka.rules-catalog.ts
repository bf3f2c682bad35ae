import { Injectable } from '@nestjs/common';
import { TOPICS, type IdentityRulesMessage } from '@tributary/contracts';
import { ruleFaults } from '@tributary/identity';
import { failed, ok, type Result } from '@tributary/kernel';
import { ControlLog } from '../../control/control-log.js';
import { KafkaControlRecords } from '../../control/kafka.control-records.js';

/** The rules as `control.identity-rules.v1` has them: one record, of the id `rules`, or none. */
@Injectable()
export class KafkaRulesCatalog extends KafkaControlRecords<IdentityRulesMessage> {
  constructor(log: ControlLog) {
    super(log, TOPICS.identityRules);
  }

  protected override check(rules: IdentityRulesMessage): Result<unknown, string> {
    const faults = ruleFaults(rules).map(({ field, message }) => `${field} ${message}`);
    return faults.length === 0 ? ok(rules) : failed(faults.join('; '));
  }
}
