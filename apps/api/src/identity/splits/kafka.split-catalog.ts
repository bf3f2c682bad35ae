import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, type SplitMessage } from '@tributary/contracts';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { KafkaControlRecords } from '../../control/kafka.control-records.js';

/** The splits as `control.splits.v1` has them. */
@Injectable()
export class KafkaSplitCatalog extends KafkaControlRecords<SplitMessage> {
  constructor(@Inject(CONFIG) config: ApiConfig, @Inject(LOGGER) logger: Logger) {
    super({ topic: TOPICS.splits, config, logger });
  }
}
