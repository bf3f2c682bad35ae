export { DrivenClock } from './driven-clock.js';
export { DrivenLogs, RefusedError, type Fed } from './driven-logs.js';
export { live, lives } from './lives.js';
export {
  ProcessorDriver,
  type DeclaredOptions,
  type DrivenProcessor,
  type DriverOptions,
} from './processor-driver.js';
