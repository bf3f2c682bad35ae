// Prints each change of an audience once, also when it is started again: how far it is, it keeps in a file.
//
//   node client.mjs <audience> <file> [--once]
//
// KAFKA_BROKERS is 127.0.0.1:9092 unless set, TRIBUTARY_WORKSPACE is default. With --once it ends where the topic ends now.
import { filePlaces, Subscriber } from '@tributary/client';

const [audience, file, once] = process.argv.slice(2);
const subscriber = new Subscriber({
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  workspaceId: process.env.TRIBUTARY_WORKSPACE ?? 'default',
});
const ending = new AbortController();
process.on('SIGINT', () => ending.abort());

const changes = subscriber.changes({
  audiences: [audience],
  places: filePlaces(file),
  follow: once !== '--once',
  signal: ending.signal,
});
for await (const { change, audienceKey, profileId, at } of changes)
  console.log(change, audienceKey, profileId, at);
await subscriber.close();
