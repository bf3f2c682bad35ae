import { Module } from '@nestjs/common';
import { CONFIG, type CommonConfig } from '@tributary/service';
import { SingleKeySourceRegistry } from './single-key.source-registry.js';
import { SOURCE_REGISTRY } from './source-registry.port.js';

@Module({
  providers: [
    {
      provide: SOURCE_REGISTRY,
      inject: [CONFIG],
      useFactory: (config: CommonConfig) =>
        new SingleKeySourceRegistry(config.TRIBUTARY_WRITE_KEY, config.TRIBUTARY_WORKSPACE),
    },
  ],
  exports: [SOURCE_REGISTRY],
})
export class SourcesModule {}
