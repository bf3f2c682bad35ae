import { Module } from '@nestjs/common';
import { ResolverModule } from './resolver/resolver.module.js';
import { SightingsModule } from './sightings/sightings.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [SightingsModule, ResolverModule, TablesModule] })
export class AppModule {}
