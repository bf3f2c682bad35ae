import { nameAdvice } from '@tributary/kernel';
import type { TreeProblem } from './definition.js';

const MAX_DEPTH = 50;
const MAX_OPERANDS = 500;

/** An object in a tree of JSON, and where it is. */
export interface Node {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly depth: number;
  /** Where members that are not known are noted; without it they are left out in silence. */
  readonly unknown?: TreeProblem[] | undefined;
}

/** Carries an error out of the depth of a tree; it never leaves this library. */
export class TreeFault extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'TreeFault';
  }
}

/** The fault of a member that is not what it should be. */
export function fault(node: Node, name: string, expected: string): TreeFault {
  return new TreeFault(`${node.path}.${name}`, `expected ${expected}, found ${shown(node.value[name])}`);
}

/** An object under a parent, which must be one and not too deep. */
export function nestedAt(
  parent: Pick<Node, 'depth' | 'unknown'> | undefined,
  path: string,
  value: unknown,
): Node {
  const depth = (parent?.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) throw new TreeFault(path, `nested more than ${MAX_DEPTH} deep`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TreeFault(path, `expected an object, found ${shown(value)}`);
  }
  return { value: value as Readonly<Record<string, unknown>>, path, depth, unknown: parent?.unknown };
}

/** Notes every member that is none of these. */
export function onlyMembers(node: Node, names: readonly string[]): void {
  if (!node.unknown) return;
  for (const [name, value] of Object.entries(node.value)) {
    if (value === undefined || names.includes(name)) continue;
    node.unknown.push({
      path: `${node.path}.${name}`,
      reason: `there is no such member here; ${nameAdvice(name, names)}`,
    });
  }
}

/** A member that is an object. */
export function memberAt(node: Node, name: string): Node {
  return nestedAt(node, `${node.path}.${name}`, node.value[name]);
}

/** A member that is a list of objects. */
export function listAt(node: Node, name: string, least: number): readonly Node[] {
  const list: unknown = node.value[name];
  if (!Array.isArray(list) || list.length < least || list.length > MAX_OPERANDS) {
    throw fault(node, name, `a list of ${least} to ${MAX_OPERANDS} objects`);
  }
  return list.map((item: unknown, i) => nestedAt(node, `${node.path}.${name}[${i}]`, item));
}

/** A member that is a text, not empty. */
export function textAt(node: Node, name: string): string {
  const value = node.value[name];
  if (typeof value === 'string' && value !== '') return value;
  throw fault(node, name, 'a text, not empty');
}

/** A member that is one of some words. */
export function wordAt<W extends string>(node: Node, name: string, words: readonly W[]): W {
  const value = node.value[name];
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw fault(node, name, `one of ${words.join(', ')}`);
  return word;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
