import { Injectable } from '@nestjs/common';
import { TOPICS, type SplitMessage } from '@tributary/contracts';
import { ControlLog } from '../../control/control-log.js';
import { KafkaControlRecords, type Stored } from '../../control/kafka.control-records.js';

export type StoredSplit = Stored<SplitMessage>;

/**
 * All pairs that were ever split, by `splitId`, as `control.splits.v1` has them: a split is removed by a record that says
 * so, and stays for ever.
 */
@Injectable()
export class KafkaSplitCatalog extends KafkaControlRecords<SplitMessage> {
  constructor(log: ControlLog) {
    super(log, TOPICS.splits);
  }
}
