import Type from 'typebox';

/** The setting of the port of a service that is asked for nothing but its health and metrics. */
export const healthPort = (service: string, port: number) =>
  Type.Integer({
    default: port,
    minimum: 0,
    maximum: 65_535,
    description: `port of ${service}, for health and metrics; 0: any free port`,
  });

/** The setting of a processor's `cacheBytes`. */
export const CACHE_BYTES = Type.Integer({
  default: 4_194_304,
  minimum: 1_000,
  description:
    'bytes of state, as it is stored, that each processor holds in memory for each partition; all of it is on disk',
});
