import type { Bench } from './bench.js';
import { collector } from './collector/collector.bench.js';
import { control } from './control/control.bench.js';
import { definitions } from './definitions/definitions.bench.js';
import { flood } from './flood/flood.bench.js';
import { identity } from './identity/identity.bench.js';
import { idle } from './idle/idle.bench.js';
import { kinds } from './kinds/kinds.bench.js';
import { latency } from './latency/latency.bench.js';
import { profiles } from './profiles/profiles.bench.js';
import { pipeline } from './pipeline/pipeline.bench.js';
import { restart } from './restart/restart.bench.js';
import { size } from './size/size.bench.js';
import { traits } from './traits/traits.bench.js';
import { verify } from './verify/verify.bench.js';

/** Every benchmark by its name, in the order in which they are run and shown. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  collector,
  pipeline,
  kinds,
  latency,
  profiles,
  traits,
  identity,
  restart,
  size,
  definitions,
  flood,
  idle,
  verify,
  control,
};
