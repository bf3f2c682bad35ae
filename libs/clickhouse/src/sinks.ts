import type { Topic } from '@tributary/contracts';
import type { PartitionBatch } from '@tributary/kafka';
import type { TableSink, RowMapping } from './table-sink.js';
import type { Tables } from './tables.js';

/** A topic, the table that it fills, and the rows that a record of it makes. */
export interface Sink {
  readonly topic: Topic;
  readonly table: string;
  readonly rows: RowMapping;
}

/** Takes batches of the declared topics; resolves when all tables of the batch's topic have stored it. */
export interface Sinks {
  handle(batch: PartitionBatch): Promise<void>;
}

/** Makes the declared sinks. A batch of a topic that none of them names is an error. */
export function sinksOf(tables: Pick<Tables, 'sink'>, declared: readonly Sink[]): Sinks {
  const sinks = new Map<string, TableSink[]>();
  for (const { topic, table, rows } of declared) {
    const sink = tables.sink(table, rows);
    sinks.set(topic.name, [...(sinks.get(topic.name) ?? []), sink]);
  }
  return {
    handle: async (batch) => {
      const of = sinks.get(batch.topic);
      if (!of)
        throw new Error(`no sink takes ${batch.topic}; there are sinks of ${[...sinks.keys()].join(', ')}`);
      await Promise.all(of.map((sink) => sink.take(batch)));
    },
  };
}
