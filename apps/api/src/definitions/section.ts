import type { Area } from '@tributary/access';
import type { Change, ControlTables, Definition, Definitions } from '@tributary/control';
import type { RulesDefinition } from '@tributary/identity';
import { failed, ok, type Result } from '@tributary/kernel';
import type { Kysely } from 'kysely';
import type { TObject, TProperties } from 'typebox';
import type { ApiFailure } from '../http/api.errors.js';
import type { Dto, Value } from '../http/dto.js';
import { problem, type Problem } from '../http/problems.js';

/** The members of a file of definitions, in the order in which they are planned: splits are written by the rules. */
export const SECTIONS = ['rules', 'sources', 'audiences', 'traits', 'traitRules', 'splits'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** What one plan is made with. */
export interface Planning {
  readonly statements: Kysely<ControlTables>;
  /** As they will be. */
  rules: RulesDefinition;
}

/** One definition of a file. */
export interface Entry<T extends object> {
  readonly id: string;
  /** Where it is, such as `sources.web`. */
  readonly place: string;
  change(before: Definition<T> | undefined): Promise<Result<Change<T>, readonly Problem[]>>;
  /** As the file has it. */
  show(value: T): object;
}

export interface Entries<T extends object> {
  readonly entries: readonly Entry<T>[];
  readonly problems: readonly Problem[];
}

/** What is to become of a definition of a file. */
export interface Wanted<T extends object> {
  readonly entry: Entry<T>;
  readonly value: T;
}

/** One kind of definitions as files have it. */
export interface Section<T extends object> {
  readonly name: SectionName;
  /** As a reader calls one. */
  readonly what: 'rules' | 'source' | 'audience' | 'trait' | 'trait-rule' | 'split';
  readonly area: Area;
  readonly definitions: Definitions<T>;
  /** As a file has all of them. */
  exported(stored: readonly Definition<T>[], withKeys: boolean): unknown;
  entriesIn(sent: unknown, stored: ReadonlyMap<string, Definition<T>>, planning: Planning): Entries<T>;
  /** What is wrong among those that are put, which none of them shows alone. */
  together?(
    wanted: readonly Wanted<T>[],
    all: { readonly stored: ReadonlyMap<string, Definition<T>>; readonly leaving: readonly string[] },
    planning: Planning,
  ): Promise<readonly Problem[]>;
  /** What is there for whoever writes a file: what was removed may leave a value. */
  isThere(value: T): boolean;
  removal(definition: Definition<T>): Change<T>;
  show(value: T): object;
  /** What is in force where nothing is stored. */
  builtIn?(): object;
  applied?(): void;
}

/** As many bytes as a definition may take by itself; what Kafka takes in a record is not much more. */
const MOST_BYTES = 1_000_000;

/** The definitions of a section that has them by their ids. */
export function entriesById<T extends object>(
  name: SectionName,
  sent: unknown,
  entryOf: (id: string, place: string, sent: unknown) => Result<Entry<T>, readonly Problem[]>,
): Entries<T> {
  if (!isObject(sent)) return { entries: [], problems: [problem(name, 'must be an object')] };
  return gathered(Object.entries(sent).map(([id, one]) => entryOf(id, `${name}.${id}`, one)));
}

export function gathered<T extends object>(
  read: readonly Result<Entry<T>, readonly Problem[]>[],
): Entries<T> {
  return {
    entries: read.flatMap((one) => (one.ok ? [one.value] : [])),
    problems: read.flatMap((one) => (one.ok ? [] : one.error)),
  };
}

/** A body as its route takes it, with what is wrong at its place in the file. */
export function bodyAt<P extends TProperties>(
  place: string,
  body: Dto<P>,
  sent: unknown,
): Result<Value<TObject<P>>, readonly Problem[]> {
  if (!isObject(sent)) return failed([problem(place, 'must be an object')]);
  const bytes = Buffer.byteLength(JSON.stringify(sent));
  if (bytes > MOST_BYTES) return failed([problem(place, `takes ${bytes} bytes: at most ${MOST_BYTES}`)]);
  const { issues, ...validated } = body['~standard'].validate(sent);
  return issues
    ? failed(issues.map(({ field, detail }) => problem(within(place, field), detail)))
    : ok((validated as { readonly value: Value<TObject<P>> }).value);
}

/** A failure of a route as what is wrong at a place of the file. */
export function problemsOfFailure(place: string, { message, details }: ApiFailure): readonly Problem[] {
  const list = Array.isArray(details) ? (details as readonly Partial<Record<string, string>>[]) : [];
  if (list.length === 0) return [problem(place, message)];
  return list.map(({ field = '', message: detail = message }) => problem(within(place, field), detail));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members in the order of a schema, without those that are not there. */
export function inOrder(value: object, { properties }: { readonly properties: object }): object {
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(properties).flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])),
  );
}

function within(place: string, field: string): string {
  return field === '' ? place : `${place}.${field}`;
}
