import { failed, ok, type Result } from '@tributary/kernel';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { FileText } from './files.js';
import { offsetAt, offsetOf, nameOf } from './places.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The definitions of all files, as the api takes them. */
export interface Definitions {
  readonly body: Readonly<Record<string, unknown>>;
  /** `file:line:column` of a place of the body, such as `sources.web.name`; of what is around it where it is not there. */
  readonly locate: (field: string) => string | undefined;
}

/** Kinds that have their definitions by name; others are lists or single. */
const BY_NAME = ['sources', 'audiences', 'traits', 'traitRules'];
const LISTS = ['splits'];
const FROM_ENVIRONMENT = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
/** Members whose values may come from the environment. */
const SECRET_MEMBERS = ['secret', 'key'];

/** The text of a file, and one of its documents. */
interface Part {
  readonly document: Document;
  readonly at: (offset: number) => string;
}

interface Placed {
  readonly part: Part;
  readonly node: Node | null;
  readonly offset: number;
}

/** Reads files, of several documents each, into one set; the error is a line for each fault, with its place. */
export function readDefinitions(
  files: readonly FileText[],
  environment: Environment,
): Result<Definitions, readonly string[]> {
  const reading = new Reading(environment);
  for (const { name, text } of files) {
    const lineCounter = new LineCounter();
    const at = (offset: number) => {
      const { line, col } = lineCounter.linePos(offset);
      return `${name}:${line}:${col}`;
    };
    const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false });
    if (Array.isArray(documents)) for (const document of documents) reading.add({ document, at });
  }
  return reading.done();
}

class Reading {
  readonly #faults: string[] = [];
  readonly #places = new Map<string, Placed>();
  readonly #body = new Map<string, unknown>();

  constructor(private readonly environment: Environment) {}

  done(): Result<Definitions, readonly string[]> {
    if (this.#faults.length > 0) return failed(this.#faults);
    return ok({ body: Object.fromEntries(this.#body), locate: (field) => this.#locate(field) });
  }

  add(part: Part): void {
    const { document, at } = part;
    const wrong = [...document.errors, ...document.warnings];
    for (const { pos, message } of wrong) this.#faults.push(`${at(pos[0])}: ${message}`);
    const { contents } = document;
    if (wrong.length > 0 || contents === null || (isScalar(contents) && contents.value === null)) return;
    if (!isMap(contents)) {
      this.#faults.push(`${at(offsetOf(contents))}: a document is a mapping of kinds to definitions`);
      return;
    }
    this.#fillIn(part);
    for (const pair of contents.items) this.#addKind(part, pair as Pair<Node, Node | null>);
  }

  #addKind(part: Part, pair: Pair<Node, Node | null>): void {
    const kind = nameOf(pair.key);
    const node = isAlias(pair.value) ? (pair.value.resolve(part.document) ?? null) : pair.value;
    const placed = { part, node, offset: offsetOf(pair.key) };
    if (BY_NAME.includes(kind) && isMap(node)) this.#addNamed(kind, placed, node);
    else if (LISTS.includes(kind) && isSeq(node)) {
      if (!this.#body.has(kind)) this.#put(kind, placed, []);
      const list = this.#body.get(kind) as unknown[];
      for (const item of node.items as readonly Node[]) {
        this.#places.set(`${kind}[${list.length}]`, { part, node: item, offset: offsetOf(item) });
        list.push(item.toJS(part.document));
      }
    } else if (node === null || (isScalar(node) && node.value === null)) {
      const none = LISTS.includes(kind) ? '[]' : '{}';
      this.#faults.push(`${part.at(placed.offset)}: ${kind} has nothing: write ${none} where there are none`);
    } else if (this.#isFirst(kind, placed)) this.#put(kind, placed, node.toJS(part.document));
  }

  #addNamed(kind: string, placed: Placed, node: YAMLMap): void {
    if (!this.#body.has(kind)) this.#put(kind, placed, {});
    const named = this.#body.get(kind) as Record<string, unknown>;
    for (const pair of node.items as readonly Pair<Node, Node | null>[]) {
      const name = nameOf(pair.key);
      const own = { part: placed.part, node: pair.value, offset: offsetOf(pair.key) };
      if (!this.#isFirst(`${kind}.${name}`, own)) continue;
      this.#places.set(`${kind}.${name}`, own);
      const value = pair.value?.toJS(placed.part.document) as unknown;
      Object.defineProperty(named, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }

  #put(field: string, placed: Placed, value: unknown): void {
    this.#places.set(field, placed);
    this.#body.set(field, value);
  }

  #isFirst(field: string, { part, offset }: Placed): boolean {
    const other = this.#places.get(field);
    if (!other) return true;
    const there = other.part.at(other.offset);
    this.#faults.push(`${part.at(offset)}: ${field} is at ${there} already`);
    return false;
  }

  /** Puts in what the environment has for secrets. */
  #fillIn({ document, at }: Part): void {
    visit(document, {
      Pair: (_, { key, value }) => {
        if (!isScalar(key) || !isScalar(value) || !SECRET_MEMBERS.includes(String(key.value))) return;
        const name = FROM_ENVIRONMENT.exec(String(value.value))?.[1];
        if (name === undefined) return;
        const given = this.environment[name];
        if (given === undefined || given === '')
          this.#faults.push(`${at(offsetOf(value))}: ${name} is not set in the environment`);
        else value.value = given;
      },
    });
  }

  #locate(field: string): string | undefined {
    const found = [...this.#places.keys()]
      .filter(
        (place) => field === place || (field.startsWith(place) && /[.[]/.test(field[place.length] ?? '')),
      )
      .sort((a, b) => b.length - a.length)
      .map((place) => [place, this.#places.get(place)] as const)[0];
    if (!found?.[1]) return undefined;
    const [place, { part, node, offset }] = found;
    return part.at(offsetAt(node, field.slice(place.length), offset));
  }
}
