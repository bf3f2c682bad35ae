import { KafkaConnection } from '@tributary/kafka';
import { ProcessorNews, type ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { FRAGMENTS_GROUP } from './fragments/fragments.group.js';
import { strategyOf } from './kafka/kafka.module.js';
import { PROFILE_BUILDER_SETTINGS } from './profile-builder.config.js';
import { PROFILES_GROUP } from './profiles/profiles.group.js';
import { tablesStrategy } from './tables/tables.transport.js';

export const profileBuilder: ServiceOptions<typeof PROFILE_BUILDER_SETTINGS> = {
  name: 'profile-builder',
  settings: PROFILE_BUILDER_SETTINGS,
  module: () => AppModule,
  microservices: (app) => [
    strategyOf(app, FRAGMENTS_GROUP),
    strategyOf(app, PROFILES_GROUP),
    tablesStrategy(app.get(KafkaConnection), app.get(ProcessorNews)),
  ],
  listen: { port: (config) => config.PROFILE_BUILDER_PORT },
};
