import type { Topic } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { ok } from '@tributary/kernel';
import { createTestDatabase, kafkaBrokers, uniqueName, type TestDatabase } from '@tributary/testing';
import { randomBytes } from 'node:crypto';
import Type from 'typebox';
import { ControlPlane } from '../src/control-plane.js';
import { Database } from '../src/database.js';
import type { Changed } from '../src/definitions/definitions.js';
import type { DefinitionKind } from '../src/definitions/kind.js';
import { lastRecords } from '../src/relay/topics-taken-over.js';
import { Secrets } from '../src/secrets.js';
import type { ControlTables } from '../src/tables.js';

export interface Thing {
  readonly name: string;
  readonly keys?: readonly string[];
  readonly secret?: string;
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const ANN = { id: 'ann', kind: 'user', name: 'Ann' } as const;

/** A kind with a topic of its own. */
export function thingsIn(topic = uniqueName('control.things')): DefinitionKind<Thing> {
  const schema = Type.Object({
    name: Type.String(),
    keys: Type.Optional(Type.Array(Type.String())),
    secret: Type.Optional(Type.String()),
  });
  const of: Topic = {
    name: topic,
    summary: 'things',
    schemas: { 'thing@1': schema },
    key: 'workspaceId/id',
    partitionedBy: 'key',
    headers: ['schema', 'version'],
    partitions: 'one',
    cleanup: { compact: true },
    writer: 'specs',
  };
  return {
    name: 'thing',
    topic: of,
    claims: ({ keys = [] }) => keys,
    withSecrets: (thing, change) =>
      thing.secret === undefined ? thing : { ...thing, secret: change(thing.secret) },
  };
}

/** A database of its own, and as many control planes over it as a spec asks for. */
export class ControlBed {
  readonly secrets = new Secrets(`k1:${randomBytes(32).toString('base64')}`);
  readonly connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: 'control-spec' });
  readonly #planes: { readonly plane: ControlPlane; readonly database: Database<ControlTables> }[] = [];
  readonly #database: TestDatabase;

  private constructor(
    database: TestDatabase,
    readonly kind: DefinitionKind<Thing>,
    readonly workspace: string,
  ) {
    this.#database = database;
  }

  static async make(kind = thingsIn(), workspace = uniqueName('workspace')): Promise<ControlBed> {
    return new ControlBed(await createTestDatabase(), kind, workspace);
  }

  get url(): string {
    return this.#database.url;
  }

  database(url = this.url): Database<ControlTables> {
    return new Database({ DATABASE_URL: url, DATABASE_CONNECTIONS: 10, DATABASE_PATIENCE_MS: 20_000 });
  }

  /** Not started. `workspaces`: the kind whose definitions are further workspaces. */
  plane(url = this.url, workspaces?: DefinitionKind<Thing>): ControlPlane {
    const database = this.database(url);
    const { connection, secrets, workspace, kind } = this;
    const plane = new ControlPlane({
      ...{ database, connection, secrets, workspace },
      ...(workspaces ? { workspaces, kinds: [workspaces, kind] } : { kinds: [kind] }),
      ...{ replication: 1, logger: SILENT, now: () => Date.now() },
    });
    this.#planes.push({ plane, database });
    return plane;
  }

  async started(): Promise<ControlPlane> {
    const plane = this.plane();
    await plane.start();
    return plane;
  }

  /** Ends when the topic has it. */
  async put(
    plane: ControlPlane,
    id: string,
    value: Thing | undefined,
    definitions = plane.definitions(this.kind),
  ): Promise<Changed<Thing>> {
    const change = value === undefined ? 'remove' : { put: value };
    const by = { author: ANN, reason: 'spec', at: Date.now() };
    const changed = await definitions.change(id, by, () => ok(change));
    if (!changed.ok) throw new Error(JSON.stringify(changed.error));
    const { seq } = changed.value;
    if (seq !== undefined && !(await plane.relay.published(seq, 20_000))) throw new Error('not published');
    return changed.value;
  }

  /** What whoever reads the topic whole holds: id → value and version. */
  async topic(
    workspace = this.workspace,
  ): Promise<ReadonlyMap<string, { readonly value: unknown; readonly version: number }>> {
    const records = await lastRecords(this.connection, this.kind.topic.name, workspace);
    return new Map(
      records
        .filter(({ value }) => value !== null)
        .map(({ key, value, headers }) => [
          key.slice(key.indexOf('/') + 1),
          { value: JSON.parse(String(value)) as unknown, version: Number(headers.version) },
        ]),
    );
  }

  async end(): Promise<void> {
    for (const { plane, database } of this.#planes) {
      await plane.stop();
      await database.close();
    }
    await this.#database.drop();
  }
}
