import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { HealthRegistry, type Health } from './health.js';
import { Public } from './public.decorator.js';
import { HEALTH } from './tokens.js';

@Public()
@Controller('health')
export class HealthController {
  constructor(@Inject(HEALTH) private readonly health: HealthRegistry) {}

  /** What people and load balancers try first. */
  @Get()
  async look() {
    return this.ready();
  }

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready() {
    const health = await this.health.look();
    if (health.failing.length > 0) {
      throw new ServiceUnavailableException({ status: 'unavailable', ...shown(health) });
    }
    return { status: health.degraded.length > 0 ? 'degraded' : 'ok', ...shown(health) };
  }
}

function shown({ failing, degraded }: Health): Partial<Health> {
  return { ...(failing.length > 0 && { failing }), ...(degraded.length > 0 && { degraded }) };
}
