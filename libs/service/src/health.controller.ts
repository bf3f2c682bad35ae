import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import type { HealthRegistry } from './health.js';
import { Public } from './public.decorator.js';
import { HEALTH } from './tokens.js';

@Public()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: HealthRegistry,
    private readonly terminus: HealthCheckService,
  ) {}

  /** `/health` is what people and load balancers try first. */
  @Get(['', 'ready'])
  @HealthCheck({ swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    return this.terminus.check([() => this.health.look()]);
  }

  @Get('live')
  live() {
    return { status: 'ok' };
  }
}
