import type { ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { PROFILE_BUILDER_SETTINGS } from './profile-builder.config.js';

export const profileBuilder: ServiceOptions<typeof PROFILE_BUILDER_SETTINGS> = {
  name: 'profile-builder',
  settings: PROFILE_BUILDER_SETTINGS,
  module: () => AppModule,
  listen: {
    port: (config) => config.PROFILE_BUILDER_PORT,
    internal: (config) => ({
      port: config.PROFILE_BUILDER_INTERNAL_PORT,
      address: config.PROFILE_BUILDER_INTERNAL_ADDRESS,
      url: config.PROFILE_BUILDER_INTERNAL_URL,
    }),
  },
};
