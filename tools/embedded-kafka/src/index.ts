export * from './embedded-kafka.errors.js';
export { prepareKafka } from './jars.js';
export type { ProxiedListener } from './broker.config.js';
export { startKafkaCluster } from './cluster.js';
export type { EmbeddedKafkaCluster, StartKafkaClusterOptions } from './cluster.js';
export { CLUSTER_NODES } from './node-count.js';
export { startKafka } from './start.js';
export type { EmbeddedKafka, EmbeddedServer, StartKafkaOptions } from './start.js';
