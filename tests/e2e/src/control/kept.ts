import { TOPICS } from '@tributary/contracts';
import { logBounds, readRanges, type KafkaConnection } from '@tributary/kafka';
import type { Door } from './writers.js';

/** A version as the API shows it. */
export interface Version {
  readonly version: number;
  readonly author: { readonly id: string };
  readonly reason?: string;
  readonly value: {
    readonly description?: string;
    readonly writeKeys?: readonly { readonly key: string }[];
  } | null;
}

/** A definition in force. */
export interface InForce {
  readonly version: number;
  readonly value: unknown;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly cursor: { readonly next: string | null };
}

/** Every item of a list, page by page. */
export async function everyOf<T>(door: Door, path: string): Promise<readonly T[]> {
  const all: T[] = [];
  for (let cursor = ''; ;) {
    const answer = await door.ask('GET', `${path}?limit=1000${cursor}`);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    const page = answer.body as unknown as Page<T>;
    all.push(...page.data);
    if (page.cursor.next === null) return all;
    cursor = `&cursor=${page.cursor.next}`;
  }
}

/** Of an audience, what follows from others. */
const FOLLOWING = ['state', 'progress', 'size', 'grainMs', 'warnings'];

/** What the API of a process says is in force, by path; without what the tables and the settings say. */
export async function shownBy(door: Door): Promise<ReadonlyMap<string, InForce>> {
  const audiences = await everyOf<Record<string, unknown>>(door, 'audiences');
  const sources = await everyOf<Record<string, unknown>>(door, 'sources');
  return new Map([
    ...audiences.map(({ version, ...shown }) => {
      const value = Object.fromEntries(Object.entries(shown).filter(([name]) => !FOLLOWING.includes(name)));
      return entry(`audiences/${String(shown.key)}`, version, value);
    }),
    ...sources
      .filter(({ version }) => version !== -1)
      .map(({ version, ...value }) => entry(`sources/${String(value.id)}`, version, value)),
  ]);
}

/** What whoever reads the topics whole holds in force, by path. */
export async function followed(connection: KafkaConnection): Promise<ReadonlyMap<string, InForce>> {
  const found = new Map<string, InForce>();
  for (const [kind, { name }] of [
    ['audiences', TOPICS.audiences],
    ['sources', TOPICS.sources],
  ] as const) {
    const bounds = await logBounds(connection, name);
    const ranges = new Map([...bounds].map(([p, { start, end }]) => [p, { from: start, to: end }]));
    await readRanges(connection, name, ranges, ({ key, value, headers }) => {
      const path = `${kind}/${key.slice(key.indexOf('/') + 1)}`;
      found.delete(path);
      if (!value) return;
      const { workspaceId: _workspaceId, ...shown } = JSON.parse(String(value)) as Record<string, unknown>;
      found.set(...entry(path, headers.version, shown));
    });
  }
  return found;
}

function entry(path: string, version: unknown, value: unknown): [string, InForce] {
  return [path, { version: Number(version), value }];
}
