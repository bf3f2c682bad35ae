import { KafkaConnection, kafkaSecurityIn } from '@tributary/kafka';
import { parentPort, workerData } from 'node:worker_threads';
import { KafkaLog } from '../log/kafka.log.js';
import { Onward } from '../log/onward.js';
import { openFacts } from '../scratch.js';
import type { AheadOrder } from './ahead.js';
import { readAccounts, readAssignments, readProfiles } from './facts.js';

const { brokers, clientId, file, withProfiles } = workerData as AheadOrder;
const onward = new Onward(
  new KafkaLog(new KafkaConnection({ brokers, clientId, security: kafkaSecurityIn(process.env) })),
);
const db = openFacts(file);
await readAssignments(onward, db);
if (withProfiles) {
  await readProfiles(onward, db);
  await readAccounts(onward, db);
}
db.exec('COMMIT');
db.close();
parentPort?.postMessage(onward.places);
