export * from './clock.js';
export * from './fact-groups.js';
export * from './hashing.js';
export * from './identifier.js';
export * from './nearest-name.js';
export * from './pem.js';
export * from './result.js';
export * from './nobody.js';
