import { Module } from '@nestjs/common';
import { EventLog } from './event-log.js';
import { EventsController } from './events.controller.js';

@Module({ controllers: [EventsController], providers: [EventLog] })
export class PlainCollectorModule {}
