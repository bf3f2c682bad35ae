import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { BatchDto, EventDto } from './event.dto.js';
import { EventLog } from './event-log.js';
import { WriteKeyGuard } from './write-key.guard.js';

interface Accepted {
  readonly success: true;
  readonly accepted: number;
}

@Controller('v1')
@UseGuards(WriteKeyGuard)
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Post('batch')
  @HttpCode(200)
  async batch(@Body() { batch }: BatchDto): Promise<Accepted> {
    await this.log.append(batch);
    return { success: true, accepted: batch.length };
  }

  @Post(':type')
  @HttpCode(200)
  async one(@Body() event: EventDto): Promise<Accepted> {
    await this.log.append([event]);
    return { success: true, accepted: 1 };
  }
}
