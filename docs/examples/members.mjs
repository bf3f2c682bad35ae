// Prints who is in an audience, as far as audience.memberships.v1 tells now, and then each change as it comes.
//
//   npm install kafkajs
//   node members.mjs <audience> [--once]
//
// KAFKA_BROKERS is 127.0.0.1:9092 unless set, TRIBUTARY_WORKSPACE is default. With --once it ends after the first part.
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

const [audience, once] = process.argv.slice(2);
const workspace = process.env.TRIBUTARY_WORKSPACE ?? 'default';
const topic = 'audience.memberships.v1';

const kafka = new kafkajs.Kafka({
  clientId: 'members-example',
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});

/** By partition, the highest epoch, and in it the highest sequence: what is not higher does not count. */
const heard = new Map();
const members = new Set();

/** Whether the owner of the partition says it, and no former one, nor a request that was sent again. */
function counts(partition, { headers }) {
  const before = heard.get(partition) ?? { epoch: 0, sequence: 0 };
  const epoch = Number(headers?.epoch ?? before.epoch);
  const last = epoch > before.epoch ? 0 : before.sequence;
  // Without a sequence it says again what was said before.
  const sequence = headers?.sequence === undefined ? undefined : Number(headers.sequence);
  if (epoch < before.epoch || (sequence ?? Infinity) <= last) return false;
  heard.set(partition, { epoch, sequence: sequence ?? last });
  return true;
}

function take(partition, message) {
  const { key, value } = message;
  if (!counts(partition, message) || key.toString().startsWith('@') || value === null) return;
  const membership = JSON.parse(value.toString());
  if (membership.workspaceId !== workspace || membership.audienceKey !== audience) return;
  const isNews = membership.member !== members.has(membership.profileId);
  if (!isNews) return;
  if (membership.member) members.add(membership.profileId);
  else members.delete(membership.profileId);
  if (isCurrent)
    console.log(membership.member ? 'entered' : 'exited', membership.profileId, membership.since);
}

// Where each partition ends now: what is before that is the state, what comes after is news.
const admin = kafka.admin();
await admin.connect();
const ends = await admin.fetchTopicOffsets(topic);
await admin.disconnect();
const unread = new Map(
  ends.filter(({ high, low }) => high !== low).map((one) => [one.partition, Number(one.high)]),
);
let isCurrent = unread.size === 0;

// A group of its own for each run, so that every run reads the topic from its beginning.
const consumer = kafka.consumer({ groupId: `members-example-${randomUUID()}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });

const caughtUp = Promise.withResolvers();
if (isCurrent) caughtUp.resolve();
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    take(partition, message);
    if (Number(message.offset) + 1 >= (unread.get(partition) ?? Infinity)) unread.delete(partition);
    if (unread.size > 0 || isCurrent) return;
    isCurrent = true;
    caughtUp.resolve();
  },
});
await caughtUp.promise;
for (const profileId of [...members].sort()) console.log('member', profileId);
if (once === '--once') {
  await consumer.disconnect();
} else {
  process.on('SIGINT', () => consumer.disconnect().then(() => process.exit(0)));
}
