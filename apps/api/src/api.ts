import type { ServiceOptions } from '@tributary/service';
import { API_SETTINGS } from './api.config.js';
import { AppModule } from './app.module.js';

export const api: ServiceOptions<typeof API_SETTINGS> = {
  name: 'api',
  settings: API_SETTINGS,
  module: () => AppModule,
  listen: { port: (config) => config.API_PORT },
};
