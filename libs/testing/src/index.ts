export * from './breakable-way.js';
export * from './eventually.js';
export * from './names.js';
export * from './servers.js';
export * from './test-database.js';
export * from './property-runs.js';
