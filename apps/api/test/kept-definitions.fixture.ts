import {
  OPERATOR,
  type Change,
  type ControlPlane,
  type Definition,
  type DefinitionKind,
  type Definitions,
} from '@tributary/control';
import { ok } from '@tributary/kernel';

const AT_ONCE = 8;

/** The definitions of a kind as they lie in the database, past the API. */
export class KeptDefinitions<T extends object> {
  readonly #plane: ControlPlane;
  readonly #definitions: Definitions<T>;

  constructor(plane: ControlPlane, kind: DefinitionKind<T>, workspace: string) {
    this.#plane = plane;
    this.#definitions = plane.definitions(kind, workspace);
  }

  async find(id: string): Promise<Definition<T> | undefined> {
    return this.#definitions.find(id);
  }

  async all(): Promise<readonly Definition<T>[]> {
    return this.#definitions.all();
  }

  async putAll(values: ReadonlyMap<string, T>): Promise<void> {
    await this.#changeAll([...values].map(([id, value]) => [id, { put: value }]));
  }

  async remove(id: string): Promise<void> {
    await this.#change(id, 'remove');
  }

  async removeAll(ids: readonly string[]): Promise<void> {
    await this.#changeAll(ids.map((id) => [id, 'remove']));
  }

  /** A few at a time: each takes a connection of the pool. */
  async #changeAll(changes: readonly (readonly [string, Change<T>])[]): Promise<void> {
    const left = changes.values();
    const work = async () => {
      for (const [id, change] of left) await this.#change(id, change);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async #change(id: string, change: Change<T>): Promise<void> {
    const by = { author: OPERATOR, at: Date.now() };
    const changed = await this.#definitions.change(id, by, () => ok(change));
    if (!changed.ok) throw new Error(`${id} was not changed`);
    const { seq } = changed.value;
    if (seq !== undefined && !(await this.#plane.relay.published(seq, 10_000)))
      throw new Error(`${id} was not published`);
  }
}
