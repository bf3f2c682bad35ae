export { lockDataFolder } from './data-folder.js';
export {
  ANY_PORTS,
  SERVICES,
  startPlatform,
  type Platform,
  type PlatformOptions,
  type ServiceName,
} from './platform.js';
export { ServiceProcess, startService, type Exit, type ServiceOptions } from './service-process.js';
export * from './supervisor.errors.js';
