import { KafkaConnection } from '@tributary/kafka';
import { ProcessorNews, type ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { CHANGES_GROUP } from './changes/changes.group.js';
import { strategyOf } from './kafka/kafka.module.js';
import { MEMBERSHIPS_GROUP } from './memberships/memberships.group.js';
import { SEGMENTATION_SETTINGS } from './segmentation.config.js';
import { tablesStrategy } from './tables/tables.transport.js';

export const segmentation: ServiceOptions<typeof SEGMENTATION_SETTINGS> = {
  name: 'segmentation',
  settings: SEGMENTATION_SETTINGS,
  module: () => AppModule,
  microservices: (app) => [
    strategyOf(app, MEMBERSHIPS_GROUP),
    strategyOf(app, CHANGES_GROUP),
    tablesStrategy(app.get(KafkaConnection), app.get(ProcessorNews)),
  ],
  listen: { port: (config) => config.SEGMENTATION_PORT },
};
