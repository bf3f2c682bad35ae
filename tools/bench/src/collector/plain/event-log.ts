import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Kafka, Partitioners, type Producer } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import type { EventDto } from './event.dto.js';

/** Writes events to Kafka, those of a request in one send, acknowledged by all replicas. */
@Injectable()
export class EventLog implements OnModuleInit, OnApplicationShutdown {
  readonly #topic = process.env.PLAIN_COLLECTOR_TOPIC ?? '';
  readonly #producer: Producer;

  constructor() {
    const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
    const kafka = new Kafka({ clientId: 'plain-collector', brokers });
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  async onModuleInit(): Promise<void> {
    await this.#producer.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#producer.disconnect();
  }

  async append(events: readonly EventDto[]): Promise<void> {
    const receivedAt = new Date().toISOString();
    await this.#producer.send({
      topic: this.#topic,
      acks: -1,
      messages: events.map((event) => {
        const messageId = event.messageId ?? randomUUID();
        return {
          key: event.userId ?? event.anonymousId ?? messageId,
          value: JSON.stringify(Object.assign({}, event, { messageId, receivedAt })),
          headers: { messageId, type: event.type, receivedAt },
        };
      }),
    });
  }
}
