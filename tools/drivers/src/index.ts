export { DrivenClock } from './processor/driven-clock.js';
export { DrivenLogs, RefusedError, type Fed } from './processor/driven-logs.js';
export { live, lives } from './processor/lives.js';
export {
  ProcessorDriver,
  type DeclaredOptions,
  type DrivenProcessor,
  type DriverOptions,
} from './processor/processor-driver.js';
export { TablesDriver, type Origin } from './tables-driver.js';
