import { KafkaConnection } from '@tributary/kafka';
import { ProcessorNews, type ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { IDENTITY_SETTINGS } from './identity.config.js';
import { RESOLVER_GROUP } from './resolver/resolver.module.js';
import { OBSERVATIONS_GROUP } from './observations/observations.module.js';
import { strategyOf } from './kafka/kafka.module.js';
import { tablesStrategy } from './tables/tables.transport.js';

export const identity: ServiceOptions<typeof IDENTITY_SETTINGS> = {
  name: 'identity',
  settings: IDENTITY_SETTINGS,
  module: () => AppModule,
  microservices: (app) => [
    strategyOf(app, OBSERVATIONS_GROUP),
    strategyOf(app, RESOLVER_GROUP),
    tablesStrategy(app.get(KafkaConnection), app.get(ProcessorNews)),
  ],
  listen: { port: (config) => config.IDENTITY_PORT },
};
