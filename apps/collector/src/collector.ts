import type { ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { COLLECTOR_SETTINGS } from './collector.config.js';

export const collector: ServiceOptions<typeof COLLECTOR_SETTINGS> = {
  name: 'collector',
  settings: COLLECTOR_SETTINGS,
  module: () => AppModule,
  listen: { port: (config) => config.COLLECTOR_PORT },
};
