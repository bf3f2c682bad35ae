import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, type CutMessage } from '@tributary/contracts';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { KafkaControlRecords } from '../../control/kafka.control-records.js';

/** The cuts as `control.cuts.v1` has them. */
@Injectable()
export class KafkaCutCatalog extends KafkaControlRecords<CutMessage> {
  constructor(@Inject(CONFIG) config: ApiConfig, @Inject(LOGGER) logger: Logger) {
    super({ topic: TOPICS.cuts, config, logger });
  }
}
