import { setTimeout as delay } from 'node:timers/promises';

import { Kafka, logLevel } from 'kafkajs';

import { OFFSETS_PARTITIONS } from './broker.config.js';

const POLL_MS = 100;
const READY_WITHIN_MS = 60_000;

// Java's String.hashCode of these differs by one each, so every partition of the offsets topic gets one.
const probeGroups = Array.from({ length: OFFSETS_PARTITIONS }, (_, i) => `ready-${i}`);

async function answers(brokers: string): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'embedded-kafka',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.listTopics();
    await admin.describeGroups(probeGroups);
    for (const groupId of probeGroups) await admin.fetchOffsets({ groupId, topics: [] });
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

/**
 * Waits until the broker takes requests and all its group coordinators answer: the first consumer of a new broker is
 * otherwise told that there is none yet. Answers false when that has not come within a minute or `given up`.
 */
export async function becomesReady(brokers: string, givenUp: () => boolean): Promise<boolean> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until && !givenUp()) {
    if (await answers(brokers)) return true;
    await delay(POLL_MS);
  }
  return false;
}
