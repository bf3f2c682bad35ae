import { createRequire } from 'node:module';
import { mendConsumerGroup } from './kafkajs-consumer-group.js';
import { mendFetch } from './kafkajs-fetch.js';
import { mendProduce } from './kafkajs-produce.js';
import { mendRequestQueue } from './kafkajs-request-queue.js';

mendFetch();
mendProduce();
mendRequestQueue();
// Last: its module takes hold of those that the others put something else in the place of.
mendConsumerGroup();

const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs');

// The one door to the client: it has to be mended before any of its modules takes hold of another.
export const { AssignerProtocol, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
