import { Inject, Injectable } from '@nestjs/common';
import { TOPICS, type SourceMessage } from '@tributary/contracts';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { KafkaControlRecords, type Stored } from '../control/kafka.control-records.js';

/** A source in force, and the version of its definition. */
export type StoredSource = Stored<SourceMessage>;

/** The sources as `control.sources.v1` has them. */
@Injectable()
export class KafkaSourceCatalog extends KafkaControlRecords<SourceMessage> {
  constructor(@Inject(CONFIG) config: ApiConfig, @Inject(LOGGER) logger: Logger) {
    super({ topic: TOPICS.sources, config, logger });
  }
}
