import type { ServiceOptions } from '@tributary/service';
import { AppModule } from './app.module.js';
import { SEGMENTATION_SETTINGS } from './segmentation.config.js';

export const segmentation: ServiceOptions<typeof SEGMENTATION_SETTINGS> = {
  name: 'segmentation',
  settings: SEGMENTATION_SETTINGS,
  module: () => AppModule,
  listen: { port: (config) => config.SEGMENTATION_PORT },
};
