import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import type { Registry } from 'prom-client';
import { ConsumerGroups } from './consumer-groups.js';
import { HealthController } from './health.controller.js';
import { HttpErrorFilter } from './http-error.filter.js';
import { IndexController } from './index.controller.js';
import type { HealthRegistry } from './health.js';
import type { Logger } from './logging.js';
import { MetricsController } from './metrics.controller.js';
import type { RouteList } from './route-list.js';
import { OwnAddress } from './own-address.js';
import { ProcessorNews } from './processor-news.js';
import { ABOUT, CLOCK, CONFIG, HEALTH, LOGGER, METRICS, ROUTES } from './tokens.js';

/** What {@link ServiceModule} hands out. */
export interface ServiceParts {
  readonly config: object;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly health: HealthRegistry;
  readonly clock: Clock;
  readonly routes: RouteList;
  /** What `GET /` says of the service. */
  readonly about: Readonly<Record<string, string>>;
}

/** Logger, metrics, health, clock, settings and consumer groups, for every module of a service; and the routes that show them. */
@Global()
@Module({})
export class ServiceModule {
  static of(parts: ServiceParts): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: METRICS, useValue: parts.metrics },
      { provide: HEALTH, useValue: parts.health },
      { provide: CLOCK, useValue: parts.clock },
      { provide: CONFIG, useValue: parts.config },
      { provide: ROUTES, useValue: parts.routes },
      { provide: ABOUT, useValue: parts.about },
      { provide: ConsumerGroups, useValue: new ConsumerGroups() },
      { provide: OwnAddress, useValue: new OwnAddress() },
      { provide: ProcessorNews, useValue: new ProcessorNews(parts.logger, parts.metrics) },
    ];
    return {
      module: ServiceModule,
      // A probe that fails is the probe's to tell.
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [IndexController, HealthController, MetricsController],
      providers: [...providers, { provide: APP_FILTER, useClass: HttpErrorFilter }],
      exports: providers.map(({ provide }) => provide),
    };
  }
}
