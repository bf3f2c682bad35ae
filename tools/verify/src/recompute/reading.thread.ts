import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, kafkaSecurityIn } from '@tributary/kafka';
import { once } from 'node:events';
import { parentPort as parent, workerData } from 'node:worker_threads';
import { KafkaLog } from '../log/kafka.log.js';
import { EventReader, readHeaders, type LogEntry } from './event-reader.js';
import { MOST_UNDER_WAY, type ReadingOrder } from './reading.js';

const BATCH = 1_000;

if (!parent) throw new Error('this is the program of a thread');
const port = parent;
const { brokers, clientId, ranges, wanted } = workerData as ReadingOrder;
const reader = wanted && new EventReader(wanted);
let entries: LogEntry[] = [];
let underWay = 0;
port.on('message', () => (underWay -= 1));

async function send(): Promise<void> {
  while (underWay >= MOST_UNDER_WAY) await once(port, 'message');
  underWay += 1;
  port.postMessage(JSON.stringify(entries));
  entries = [];
}

const log = new KafkaLog(new KafkaConnection({ brokers, clientId, security: kafkaSecurityIn(process.env) }));
await log.read(TOPICS.events.name, ranges, (record) => {
  entries.push(reader ? reader.read(record) : readHeaders(record));
  return entries.length < BATCH ? undefined : send();
});
await send();
port.postMessage('');
