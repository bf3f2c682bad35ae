import { Injectable } from '@nestjs/common';
import { readDefinition } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import { ControlLog } from '../control/control-log.js';
import { KafkaControlRecords, type Stored } from '../control/kafka.control-records.js';

/** An audience in force, and the version of its definition. */
export type StoredAudience = Stored<AudienceMessage>;

/** The audiences as `control.audiences.v1` has them. */
@Injectable()
export class KafkaAudienceCatalog extends KafkaControlRecords<AudienceMessage> {
  constructor(log: ControlLog) {
    super(log, TOPICS.audiences);
  }

  protected override check(audience: AudienceMessage): Result<unknown, string> {
    const definition = readDefinition(audience.definition);
    return definition.ok ? ok(undefined) : failed(definition.error.message);
  }
}
