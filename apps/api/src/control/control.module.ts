import { Module } from '@nestjs/common';
import { KafkaModule } from '@tributary/processing';
import { ControlLog } from './control-log.js';

/** The way to the control topics: one connection and one producer. */
@Module({
  imports: [KafkaModule.register({ clientId: 'api' })],
  providers: [ControlLog],
  exports: [ControlLog],
})
export class ControlModule {}
