import { Module } from '@nestjs/common';
import { ResolverModule } from './resolver/resolver.module.js';
import { ObservationsModule } from './observations/observations.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [ObservationsModule, ResolverModule, TablesModule] })
export class AppModule {}
