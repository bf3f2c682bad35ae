import { FIELD_MEANINGS, PUBLIC_TOPICS, topicSettings, type Topic } from '@tributary/contracts';

/** JSON as it is written into the document. */
type Json = Readonly<Record<string, unknown>>;

interface Schema extends Json {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const SERVERS = {
  embedded: {
    host: '127.0.0.1:9092',
    protocol: 'kafka',
    description:
      'the Kafka that npm start runs, without a password; KAFKA_PORT moves it. Where KAFKA_BROKERS is set, the topics are there',
  },
} as const;

const BINDING = { bindingVersion: '0.5.0' } as const;
const HEADERS: Readonly<Record<string, string>> = {
  schema: 'name@major of the schema of the value',
  messageId: 'as in the value',
  deduplicationId: 'as in the value; missing where that has none',
  type: 'as in the value',
  receivedAt: 'as in the value',
  identifiers: 'as in the value: a JSON array of namespace:value',
  epoch: 'the epoch of the owner of the partition that wrote it',
  sequence: 'its running number in that epoch; missing where it tells nothing new',
};

/** The AsyncAPI 3.0 document of the topics; `examples` are values by schema, `name@major`. */
export function asyncApiDocument(
  topics: Readonly<Record<string, Topic>>,
  version: string,
  examples: ReadonlyMap<string, unknown>,
): Json {
  const all = Object.entries(topics);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tributary',
      version,
      description:
        'Every topic. Keys and values are UTF-8, values JSON; times are RFC 3339 with milliseconds in UTC. Records are ' +
        'absolute, versioned facts, delivered at least once: keep the highest version of a key and drop the rest. ' +
        'docs/subscribing.md has the rules and subscribers that follow them, for Node.js, Java and Python.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: Object.fromEntries(all.map(([name, topic]) => [name, channel(topic)])),
    operations: Object.fromEntries(all.map(([name, topic]) => [`${name}Written`, operation(name, topic)])),
    components: {
      messages: Object.fromEntries(
        all.flatMap(([, topic]) =>
          Object.keys(topic.schemas).map((schema) => [
            messageName(schema),
            message(topic, schema, examples.get(schema)),
          ]),
        ),
      ),
    },
  };
}

/** AsyncAPI's names have no `@`. */
function messageName(schema: string): string {
  return schema.replace('@', '.');
}

function channel(topic: Topic): Json {
  const messages = Object.keys(topic.schemas).map(messageName);
  return {
    address: topic.name,
    summary: topic.summary,
    description: [
      `Key: ${topic.key}. Partitioned by: ${topic.partitionedBy}. Written by: ${topic.writer}.`,
      ...(topic.reading === undefined ? [] : [topic.reading]),
      isPublic(topic) ? 'For every subscriber.' : 'For the services themselves: it may change at any time.',
    ].join(' '),
    messages: Object.fromEntries(
      messages.map((name) => [name, { $ref: `#/components/messages/${name}` }] as const),
    ),
    bindings: {
      kafka: {
        topic: topic.name,
        ...(topic.partitions === 'one' ? { partitions: 1 } : {}),
        topicConfiguration: topicConfiguration(topic),
        ...BINDING,
      },
    },
  };
}

function topicConfiguration(topic: Topic): Json {
  return Object.fromEntries(
    Object.entries(topicSettings(topic)).map(([name, value]) => [
      name,
      name === 'cleanup.policy' ? [value] : Number(value),
    ]),
  );
}

function operation(name: string, topic: Topic): Json {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    summary: `Written by ${topic.writer}.`,
  };
}

function message(topic: Topic, schema: string, example: unknown): Json {
  return {
    name: schema,
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties: Object.fromEntries(topic.headers.map((header) => [header, headerSchema(header, schema)])),
    },
    payload: described(plainJson(topic.schemas[schema]), FIELD_MEANINGS[schema]),
    bindings: { kafka: { key: { type: 'string', description: topic.key }, ...BINDING } },
    ...(example === undefined ? {} : { examples: [{ payload: example }] }),
  };
}

function headerSchema(header: string, schema: string): Json {
  return {
    type: 'string',
    ...(header === 'schema' ? { const: schema } : {}),
    description: HEADERS[header] ?? 'see the value',
  };
}

/** A schema without what only code can see of it. */
function plainJson(schema: unknown): Schema {
  return JSON.parse(JSON.stringify(schema)) as Schema;
}

/** The schema with what each field means, where it does not say so itself. */
function described(schema: Schema, meanings: Readonly<Record<string, string>> = {}): Schema {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, field]) => {
    const description = field.description ?? meanings[name];
    return [name, description === undefined ? field : { ...field, description }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function isPublic({ name }: Topic): boolean {
  return (PUBLIC_TOPICS as readonly string[]).includes(name);
}
