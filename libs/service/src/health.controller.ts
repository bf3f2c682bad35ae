import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { HealthRegistry } from './health.js';
import { HEALTH } from './tokens.js';

@Controller('health')
export class HealthController {
  constructor(@Inject(HEALTH) private readonly health: HealthRegistry) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready() {
    const failing = await this.health.failing();
    if (failing.length > 0) throw new ServiceUnavailableException({ status: 'unavailable', failing });
    return { status: 'ok' };
  }
}
