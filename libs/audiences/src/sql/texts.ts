import type { Expression } from './expressions.js';

/** How a text that a customer wrote stands in a query. */
export type TextOf = (text: string) => Expression;

/** A query and its parameters, by name: texts that customers wrote are parameters and no part of it. */
export interface BoundQuery {
  readonly query: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Makes a parameter of each text that stands in a query: the same of the same. */
export class BoundTexts {
  readonly #names = new Map<string, string>();

  readonly textOf: TextOf = (text) => {
    const name = this.#names.get(text) ?? `text${this.#names.size}`;
    this.#names.set(text, name);
    return `{${name}:String}`;
  };

  /** The parameters so far, by name. */
  get parameters(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#names].map(([text, name]) => [name, text]));
  }
}
