import { Injectable } from '@nestjs/common';
import { TOPICS, type SourceMessage } from '@tributary/contracts';
import { ControlLog } from '../control/control-log.js';
import { KafkaControlRecords, type Stored } from '../control/kafka.control-records.js';

/** A source in force, and the version of its definition. */
export type StoredSource = Stored<SourceMessage>;

/** The sources as `control.sources.v1` has them. */
@Injectable()
export class KafkaSourceCatalog extends KafkaControlRecords<SourceMessage> {
  constructor(log: ControlLog) {
    super(log, TOPICS.sources);
  }
}
