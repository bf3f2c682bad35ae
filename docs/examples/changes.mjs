// Prints each change of every audience once, also when it is started again: how far it is, it keeps in a file.
//
//   npm install kafkajs
//   node changes.mjs <file> [--once]
//
// KAFKA_BROKERS is 127.0.0.1:9092 unless set. With --once it ends where the topic ends now.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import kafkajs from 'kafkajs';

const [file, once] = process.argv.slice(2);
const topic = 'audience.changes.v1';

const kafka = new kafkajs.Kafka({
  clientId: 'changes-example',
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});

/** By partition: the next offset, the highest epoch, and in it the highest sequence. They belong together. */
const places = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

function take(partition, { key, value, headers, offset }) {
  const before = places[partition] ?? { epoch: 0, sequence: 0 };
  const [epoch, sequence] = [Number(headers.epoch), Number(headers.sequence ?? 0)];
  // What is not higher, a former owner of the partition wrote, or a request that was sent again.
  const isNews = epoch > before.epoch || (epoch === before.epoch && sequence > before.sequence);
  const { audienceKey, profileId, change, at } = JSON.parse(value.toString());
  if (isNews && !key.toString().startsWith('@')) console.log(change, audienceKey, profileId, at);
  places[partition] = { ...(isNews ? { epoch, sequence } : before), offset: Number(offset) + 1 };
  writeFileSync(file, JSON.stringify(places));
}

const admin = kafka.admin();
await admin.connect();
const ends = await admin.fetchTopicOffsets(topic);
await admin.disconnect();
const isUnread = ({ partition, high, low }) =>
  Number(high) > Math.max(Number(low), places[partition]?.offset ?? 0);
const unread = new Map(ends.filter(isUnread).map(({ partition, high }) => [partition, Number(high)]));

const consumer = kafka.consumer({ groupId: `changes-example-${randomUUID()}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const caughtUp = Promise.withResolvers();
if (unread.size === 0) caughtUp.resolve();
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    if (Number(message.offset) < (places[partition]?.offset ?? 0)) return;
    take(partition, message);
    if (Number(message.offset) + 1 >= (unread.get(partition) ?? Infinity)) unread.delete(partition);
    if (unread.size === 0) caughtUp.resolve();
  },
});
for (const [partition, { offset }] of Object.entries(places))
  consumer.seek({ topic, partition: Number(partition), offset: String(offset) });

if (once === '--once') {
  await caughtUp.promise;
  await consumer.disconnect();
} else {
  process.on('SIGINT', () => consumer.disconnect().then(() => process.exit(0)));
}
