export * from './people.js';
export * from './population.js';
export * from './population-rules.js';
export * from './random.js';
export * from './records.js';
export * from './traffic.js';
export * from './visitors.js';
