import Type from 'typebox';

const port = (server: string, otherwise: number) =>
  Type.Integer({
    default: otherwise,
    minimum: 0,
    maximum: 65_535,
    description: `port of the ${server} that is started here, on 127.0.0.1; 0: any free one`,
  });

/** Settings of the servers that `npm start` starts where none are given; the services never see them. */
export const SUPERVISOR_SETTINGS = Type.Object({
  KAFKA_PORT: port('Kafka', 9_092),
  KAFKA_NODES: Type.Enum([1, 3], {
    default: 1,
    description:
      'brokers of the Kafka that is started here; of three, one may be lost: records have three replicas, unless `KAFKA_REPLICATION` says otherwise. It never changes for a data folder',
  }),
  CLICKHOUSE_PORT: port('ClickHouse', 8_123),
  POSTGRES_PORT: port('PostgreSQL', 5_433),
});
