import { Module } from '@nestjs/common';
import { FragmentsModule } from './fragments/fragments.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [FragmentsModule, ProfilesModule, TablesModule] })
export class AppModule {}
