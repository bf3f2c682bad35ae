import { Controller, Get, Header, Inject } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Public } from './public.decorator.js';
import { METRICS } from './tokens.js';
import { metricsOfAll } from './workers.js';

@Public()
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Registry) {}

  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  async show(): Promise<string> {
    return metricsOfAll(this.metrics);
  }
}
