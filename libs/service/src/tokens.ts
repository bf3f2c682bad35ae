/** Injects the service's pino logger. */
export const LOGGER = Symbol('LOGGER');
/** Injects the prom-client `Registry` that `/metrics` shows. */
export const METRICS = Symbol('METRICS');
/** Injects the {@link HealthRegistry} that `/health/ready` asks. */
export const HEALTH = Symbol('HEALTH');
/** Injects what `GET /` says of the service: name → text. */
export const ABOUT = Symbol('ABOUT');
/** Injects the {@link Clock}. */
export const CLOCK = Symbol('CLOCK');
/** Injects the checked settings. */
export const CONFIG = Symbol('CONFIG');
/** Injects the {@link RouteList} of the service. */
export const ROUTES = Symbol('ROUTES');
