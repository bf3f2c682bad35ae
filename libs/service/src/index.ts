import 'reflect-metadata';

export { BoundedLabel, MOST_LABELLED_WORKSPACES, OTHER } from './bounded-label.js';
export { ConsumerGroups } from './consumer-groups.js';
export { HealthRegistry, type HealthCheck } from './health.js';
export { HttpErrorFilter, statusOf, type HttpFailure, type HttpReply } from './http-error.filter.js';
export { ApiToken, tokenFor } from './api-token.js';
export { OwnAddress } from './own-address.js';
export { isInternal, type InternalAddress } from './internal-server.js';
export { HTTP_ERROR_ADVICE, HTTP_ERRORS, HTTP_LIMITS, type HttpErrorCode } from './http-server.js';
export { makeLogger, type Logger } from './logging.js';
export { endProcess, EXITS } from './process.js';
export { Public, PUBLIC } from './public.decorator.js';
export { RouteList } from './route-list.js';
export { runService } from './run-service.js';
export type { RunningService } from './running-service.js';
export { startService, type ServiceOptions } from './service.js';
export { ServiceModule, type ServiceParts } from './service.module.js';
export {
  brokersOf,
  COMMON_SETTINGS,
  DEV_API_TOKEN,
  DEV_WRITE_KEY,
  type CommonConfig,
  type Config,
} from './settings.config.js';
export { isLoopback, readSettings, type Environment } from './settings.js';
export { ProcessorNews, type RecordPlace } from './processor-news.js';
export { CLOCK, CONFIG, HEALTH, LOGGER, METRICS, ROUTES } from './tokens.js';
