import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Puts something else in the place of what a module of kafkajs exports, for those that load it from now on. */
export function replaceModule(path: string, exports: unknown): void {
  require(path);
  const module = require.cache[require.resolve(path)];
  if (!module) throw new Error(`${path} is not in the cache of modules after it was loaded`);
  module.exports = exports;
}
