import type { ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { IDENTITY_SETTINGS } from './identity.config.js';

export const identity: ServiceOptions<typeof IDENTITY_SETTINGS> = {
  name: 'identity',
  settings: IDENTITY_SETTINGS,
  module: () => AppModule,
  listen: { port: (config) => config.IDENTITY_PORT },
};
