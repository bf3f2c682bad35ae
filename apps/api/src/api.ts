import type { ServiceOptions } from '@tributary/service';
import { API_SETTINGS } from './api.config.js';
import { AppModule } from './app.module.js';
import { DocumentsController } from './documents/documents.controller.js';

export const api: ServiceOptions<typeof API_SETTINGS> = {
  name: 'api',
  about: { docs: '/docs', openapi: '/openapi.json' },
  settings: API_SETTINGS,
  module: () => AppModule,
  initialised: (app) => {
    app.get(DocumentsController).describe(app);
  },
  listen: { port: (config) => config.API_PORT },
};
