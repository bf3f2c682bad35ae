import { setTimeout as delay } from 'node:timers/promises';

import { KafkaConnection } from '@tributary/kafka';

import { OFFSETS_PARTITIONS } from './broker.config.js';

const POLL_MS = 100;
const READY_WITHIN_MS = 180_000;

// Java's String.hashCode of these differs by one each, so every partition of the offsets topic gets one.
const probeGroups = Array.from({ length: OFFSETS_PARTITIONS }, (_, i) => `ready-${i}`);

async function answers(connection: KafkaConnection): Promise<boolean> {
  try {
    await connection.withAdmin(async (admin) => {
      await admin.listTopics();
      await admin.describeGroups(probeGroups);
      for (const groupId of probeGroups) await admin.fetchOffsets({ groupId, topics: [] });
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits until the broker takes requests and all its group coordinators answer: the first consumer of a new broker is
 * otherwise answered that there is none yet. Answers false when that has not come within three minutes, as on a machine with much else to do, or when `givenUp`.
 */
export async function becomesReady(brokers: string, givenUp: () => boolean): Promise<boolean> {
  const connection = new KafkaConnection({
    clientId: 'embedded-kafka',
    brokers: brokers.split(','),
    retries: 0,
  });
  const until = performance.now() + READY_WITHIN_MS;
  try {
    while (performance.now() < until && !givenUp()) {
      if (await answers(connection)) return true;
      await delay(POLL_MS);
    }
    return false;
  } finally {
    await connection.close();
  }
}
