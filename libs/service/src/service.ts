import { Module, type DynamicModule, type NestApplicationOptions, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@tributary/kernel';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { TObject } from 'typebox';
import { ConsumerGroups } from './consumer-groups.js';
import { HealthRegistry } from './health.js';
import { guardServer, httpServerOptions } from './http-server.js';
import { listenInternally, type InternalAddress } from './internal-server.js';
import { makeLogger, nestLogger, type Logger } from './logging.js';
import { OwnAddress } from './own-address.js';
import { RouteList } from './route-list.js';
import type { RunningService } from './running-service.js';
import { ServiceModule } from './service.module.js';
import type { Config } from './settings.config.js';
import { shareMetrics } from './workers.js';

/** What a service is made of. */
export interface ServiceOptions<S extends TObject> {
  /** In logs and metrics. */
  readonly name: string;
  /** Where else to look, shown by `GET /`: name → path or text. */
  readonly about?: Readonly<Record<string, string>>;
  /** Its own settings: environment variable → schema with default and description. */
  readonly settings: S;
  /** The root module of its Nest application. */
  readonly module: (config: Config<S>) => Type | DynamicModule;
  /** Is called once, when the application is initialised and its routes are known, before it listens. */
  readonly initialised?: (app: NestFastifyApplication) => void;
  readonly listen: {
    /** 0: any free port. */
    readonly port: (config: Config<S>) => number;
    /** Where it answers other services of the platform, apart from everybody else; nowhere unless given. */
    readonly internal?: (config: Config<S>) => InternalAddress;
    /** How many processes share the ports; 1 unless given. */
    readonly workers?: (config: Config<S>) => number;
  };
}

@Module({})
class RootModule {}

const systemClock: Clock = { now: () => Date.now() };

/** Starts a service inside this process and leaves the process alone: for tests, and for {@link runService}. */
export async function startService<S extends TObject>(
  options: ServiceOptions<S>,
  config: Config<S>,
): Promise<RunningService> {
  const logger = makeLogger(options.name, config.LOG_LEVEL);
  const health = new HealthRegistry();
  const metrics = new Registry();
  metrics.setDefaultLabels({ service: options.name });
  collectDefaultMetrics({ register: metrics });
  shareMetrics(metrics);
  let state: 'starting' | 'running' | 'closing' = 'starting';
  health.add('service', () => {
    if (state === 'running') return true;
    throw new Error(state);
  });

  const routes = new RouteList();
  const root: DynamicModule = {
    module: RootModule,
    imports: [
      ServiceModule.of({
        config,
        logger,
        metrics,
        health,
        clock: systemClock,
        routes,
        about: { service: options.name, ...options.about },
      }),
      options.module(config),
    ],
  };
  const adapter = new FastifyAdapter(httpServerOptions());
  const fastify = adapter.getInstance();
  // Before the first route is registered.
  fastify.addHook('onRoute', ({ method, url }) => {
    routes.add(method, url);
  });
  guardServer(fastify, () => state === 'closing');
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, applicationOptions(logger));
  await app.init();
  options.initialised?.(app);
  const addresses = await listen(app, options.listen, config);
  state = 'running';
  return {
    app,
    ...addresses,
    health,
    logger,
    close: async () => {
      state = 'closing';
      await app.close();
    },
  };
}

/** Listens, and only then consumes: what is asked of a service that starts is answered. */
async function listen<S extends TObject>(
  app: NestFastifyApplication,
  { port, internal }: ServiceOptions<S>['listen'],
  config: Config<S>,
): Promise<Pick<RunningService, 'url' | 'internalUrl'>> {
  for (const strategy of app.get(ConsumerGroups).strategies) {
    app.connectMicroservice<MicroserviceOptions>({ strategy }, { inheritAppConfig: false });
  }
  await app.listen(port(config), config.BIND_ADDRESS);
  const fastify = app.getHttpAdapter().getInstance();
  const address = internal?.(config);
  const inside = address && (await listenInternally(fastify, address));
  app.getHttpServer().once('close', () => inside?.close());
  // A group is told it when it is joined.
  app.get(OwnAddress).url = inside && (address.url ?? reachedAt(inside.address() as AddressInfo));
  await app.startAllMicroservices();
  return {
    url: urlOf(app.getHttpServer().address() as AddressInfo),
    internalUrl: inside && urlOf(inside.address() as AddressInfo),
  };
}

/** From other machines, where it listens to all. */
function reachedAt(listening: AddressInfo): string {
  const isEverywhere = ['0.0.0.0', '::'].includes(listening.address);
  return isEverywhere ? `http://${hostname()}:${listening.port}` : urlOf(listening);
}

function applicationOptions(logger: Logger): Pick<NestApplicationOptions, 'logger' | 'abortOnError'> {
  return { logger: nestLogger(logger), abortOnError: false };
}

function urlOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
