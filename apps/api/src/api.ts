import type { ServiceOptions } from '@tributary/service';
import { API_SETTINGS } from './api.config.js';
import { AppModule } from './app.module.js';
import { Documents } from './documents/documents.js';

export const api: ServiceOptions<typeof API_SETTINGS> = {
  name: 'api',
  about: { docs: '/docs', openapi: '/openapi.json' },
  settings: API_SETTINGS,
  module: () => AppModule,
  // It consumes in no group; here its routes are known, and it may be described.
  microservices: (app) => {
    app.get(Documents).describe(app);
    return [];
  },
  listen: { port: (config) => config.API_PORT },
};
