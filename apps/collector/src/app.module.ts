import { Module } from '@nestjs/common';
import { EndpointsModule } from './admission/endpoints.module.js';
import { HttpModule } from './http/http.module.js';
import { TablesModule } from './tables/tables.module.js';

@Module({ imports: [HttpModule, EndpointsModule, TablesModule] })
export class AppModule {}
