import { Module } from '@nestjs/common';
import { KafkaSuppressions } from './kafka.suppressions.js';
import { SUPPRESSIONS } from './suppressions.port.js';

@Module({
  providers: [{ provide: SUPPRESSIONS, useClass: KafkaSuppressions }],
  exports: [SUPPRESSIONS],
})
export class SuppressionsModule {}
