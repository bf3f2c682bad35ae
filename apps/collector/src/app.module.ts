import { Module } from '@nestjs/common';
import { DoorsModule } from './doors/doors.module.js';
import { HttpModule } from './http/http.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [HttpModule, DoorsModule, TablesModule] })
export class AppModule {}
