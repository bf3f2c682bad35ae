export * from './embedded-kafka.errors.js';
export { prepareKafka } from './jars.js';
export { startKafka } from './start.js';
export type { EmbeddedKafka, EmbeddedServer, StartKafkaOptions } from './start.js';
