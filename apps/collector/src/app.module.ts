import { Module } from '@nestjs/common';
import { HttpModule } from './http/http.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [HttpModule, TablesModule] })
export class AppModule {}
