import type { ResolverState } from './resolver-state.js';

/** So many things are made again sooner than they are kept. */
const SMALL = 32;

/**
 * What is made of a state and kept beside it as long as somebody holds that state: of small ones only the last that was
 * asked for, since there are many of them.
 */
export class BesideStates<T extends { readonly size: number }> {
  readonly #large = new WeakMap<ResolverState, T>();
  #last: { readonly state: ResolverState; readonly made: T } | undefined;

  of(state: ResolverState, make: () => T): T {
    if (this.#last?.state === state) return this.#last.made;
    let made = this.#large.get(state);
    if (!made) {
      made = make();
      if (made.size > SMALL) this.#large.set(state, made);
    }
    this.#last = { state, made };
    return made;
  }

  /** The state is another than what was made of it. */
  delete(state: ResolverState): void {
    this.#large.delete(state);
    if (this.#last?.state === state) this.#last = undefined;
  }
}
