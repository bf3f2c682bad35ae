import { Module } from '@nestjs/common';
import { ChangesModule } from './changes/changes.module.js';
import { MembershipsModule } from './memberships/memberships.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [MembershipsModule, ChangesModule, TablesModule] })
export class AppModule {}
