import type { ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { COLLECTOR_SETTINGS } from './collector.config.js';

export const collector: ServiceOptions<typeof COLLECTOR_SETTINGS> = {
  name: 'collector',
  about: { send: 'POST /v1/batch, with the write key as user of HTTP Basic', routes: 'docs/routes.md' },
  settings: COLLECTOR_SETTINGS,
  module: () => AppModule,
  listen: {
    port: (config) => config.COLLECTOR_PORT,
    internal: (config) => ({
      port: config.COLLECTOR_INTERNAL_PORT,
      address: config.COLLECTOR_INTERNAL_ADDRESS,
    }),
    workers: (config) => config.COLLECTOR_WORKERS,
  },
};
