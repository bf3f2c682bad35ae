import { ok } from '@tributary/kernel';
import { inOrder, type ControlRecords, type Stored } from '../src/control/control-records.port.js';

/** For tests of what is above the log. */
export class InMemoryControlRecords<T> implements ControlRecords<T> {
  readonly #stored = new Map<string, Stored<T>>();
  #version = 0;

  find(id: string): Stored<T> | undefined {
    return this.#stored.get(id);
  }

  all(): readonly Stored<T>[] {
    return inOrder(this.#stored);
  }

  async put(id: string, value: T) {
    const stored = { value, version: this.#version };
    this.#version += 1;
    this.#stored.set(id, stored);
    return Promise.resolve(ok(stored));
  }

  async remove(id: string) {
    this.#stored.delete(id);
    return Promise.resolve(ok(undefined));
  }
}
