import type { Change, ControlTables, Definition, Definitions, Statements } from '@tributary/control';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import type { PageQuery } from '../http/page.dto.js';
import { pageIn, type ListScope, type Page } from '../http/page.js';
import type { Outcome } from '../http/reply.js';
import { mismatchOf, type Preconditions } from './changes.js';
import type { ByWhom, DefinitionChanges } from './definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from './versions.dto.js';

/** What every definition says of itself. */
interface Stamped {
  readonly workspaceId: string;
  readonly updatedAt: string;
}

/** What is to become of a definition, or why nothing. */
export type Decision<T> = Result<Change<T>, ApiFailure> | Promise<Result<Change<T>, ApiFailure>>;
export type Decide<T> = (
  before: Definition<T> | undefined,
  statements: Statements<ControlTables>,
) => Decision<T>;

/** A definition that was put, and how. */
export interface Put<Shown> extends Required<Outcome> {
  readonly shown: Shown;
}

/** Which of all definitions a list shows. */
export interface Listed<T> {
  readonly filter: NonNullable<ListScope['filter']>;
  isListed(definition: Definition<T>): boolean;
}

/** What is a kind's own. `P` are the parameters of a path that name one definition, `Q` what a list is asked for by. */
export interface OwnOfKind<T extends object, P, Q, Body, Shown> {
  /** As a reader calls one: `audience`. */
  readonly what: string;
  /** As a reader calls all of them. */
  readonly list: string;
  idOf(one: P): string | Promise<Result<string, ApiFailure>>;
  missing(id: string): ApiFailure;
  /** What is to become of one by what is sent. */
  wanted(
    id: string,
    body: Body,
    before: Definition<T> | undefined,
    statements: Statements<ControlTables>,
  ): Decision<T>;
  show(stored: readonly Definition<T>[]): readonly Shown[] | Promise<readonly Shown[]>;
  /** A version, without what nobody may read. */
  showVersion?(value: T): object;
  listed?(query: Q): Promise<Result<Listed<T>, ApiFailure>>;
  /** What is there without being defined. */
  builtIn?(): Definition<T> | undefined;
  /** Why what is built in cannot be removed. */
  readonly notRemovable?: ApiFailure;
  /** Whether a value is that of a definition in force: what was removed may leave one. */
  isInForce?(value: T): boolean;
  /** What becomes of one that is to be removed; nothing is left of it unless given. */
  removal?(before: Definition<T>, statements: Statements<ControlTables>): Decision<T>;
  /** What is to become of one by a version of it. */
  restored(
    id: string,
    value: T,
    before: Definition<T> | undefined,
    statements: Statements<ControlTables>,
  ): Decision<T>;
  /** What an answer to a change waits for. */
  whenInForce?(definition: Definition<T>): Promise<void>;
  /** A failure of a change, as its sender reads it. */
  explained?(failure: ApiFailure, wanted: T): ApiFailure;
}

/** What routes do with the definitions of a kind. */
export class DefinitionResource<T extends Stamped, P, Q extends PageQuery, Body, Shown> {
  constructor(
    readonly definitions: Definitions<T>,
    private readonly changes: DefinitionChanges,
    private readonly own: OwnOfKind<T, P, Q, Body, Shown>,
  ) {}

  /** Those that are defined and what is built in, by their ids. */
  async all(): Promise<readonly Definition<T>[]> {
    const defined = await this.definitions.all();
    const builtIn = this.own.builtIn?.();
    if (!builtIn || defined.some(({ id }) => id === builtIn.id)) return defined;
    return [...defined, builtIn].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async list(query: Q): Promise<Result<Page<Shown>, ApiFailure>> {
    const listed = await this.own.listed?.(query);
    if (listed && !listed.ok) return listed;
    const scope = { list: this.own.list, ...(listed && { filter: listed.value.filter }) };
    const all = await this.all();
    const wanted = listed ? all.filter((one) => listed.value.isListed(one)) : all;
    const page = pageIn(wanted, query, scope, ({ id }) => id);
    return page.ok ? ok({ ...page.value, data: await this.own.show(page.value.data) }) : page;
  }

  async find(one: P): Promise<Result<Shown, ApiFailure>> {
    const stored = await this.stored(one);
    return stored.ok ? ok(await this.#shown(stored.value)) : stored;
  }

  async stored(one: P): Promise<Result<Definition<T>, ApiFailure>> {
    const id = await this.#idOf(one);
    if (!id.ok) return id;
    const stored = (await this.definitions.find(id.value)) ?? this.#builtInOf(id.value);
    return stored ? ok(stored) : failed(this.own.missing(id.value));
  }

  /** Puts one in force; one that is in force as sent is left as it is. */
  async put(
    one: P,
    body: Body,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Put<Shown>, ApiFailure>> {
    const id = await this.#idOf(one);
    if (!id.ok) return id;
    return this.change(id.value, preconditions, by, (before, statements) =>
      this.own.wanted(id.value, body, before, statements),
    );
  }

  /** Puts a version in force once more, as a new one; also of what was removed. */
  async restore(
    one: P,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Put<Shown>, ApiFailure>> {
    const id = await this.#idOf(one);
    if (!id.ok) return id;
    const value = (await this.definitions.version(id.value, version))?.value;
    if (!value) return failed(noVersion(version));
    return this.change(id.value, preconditions, by, (before, statements) =>
      this.own.restored(id.value, value, before, statements),
    );
  }

  async versions(one: P, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    const id = await this.#idOf(one);
    if (!id.ok) return id;
    const show = (value: T) => this.own.showVersion?.(value) ?? withoutWorkspace(value);
    return versionsPage(this.definitions, id.value, query, show);
  }

  async remove(one: P, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    const id = await this.#idOf(one);
    if (!id.ok) return id;
    return this.changes.change(this.definitions, id.value, by, async (before, statements) => {
      if (!before || !this.#isInForce(before)) {
        const builtIn = this.#builtInOf(id.value);
        return failed((builtIn && this.own.notRemovable) ?? this.own.missing(id.value));
      }
      const mismatch = mismatchOf(this.own.what, before, preconditions);
      if (mismatch) return failed(mismatch);
      return (await this.own.removal?.(before, statements)) ?? ok('remove' as const);
    });
  }

  /** Changes one, where it is as the preconditions have it. */
  async change(
    id: string,
    preconditions: Preconditions,
    by: ByWhom,
    decide: Decide<T>,
  ): Promise<Result<Put<Shown>, ApiFailure>> {
    let wanted: T | undefined;
    const changed = await this.changes.change(this.definitions, id, by, async (before, statements) => {
      const seen = this.#isInForce(before) ? before : this.#builtInOf(id);
      const mismatch = mismatchOf(this.own.what, seen, preconditions);
      if (mismatch) return failed(mismatch);
      const decided = await decide(before, statements);
      if (decided.ok && typeof decided.value === 'object') wanted = decided.value.put;
      return decided;
    });
    if (!changed.ok)
      return wanted && this.own.explained ? failed(this.own.explained(changed.error, wanted)) : changed;
    const { before, isUnderWay } = changed.value;
    const definition = changed.value.definition ?? this.#builtInOf(id);
    if (!definition) return failed(this.own.missing(id));
    if (!isUnderWay) await this.own.whenInForce?.(definition);
    return ok({ shown: await this.#shown(definition), created: !this.#isInForce(before), isUnderWay });
  }

  async #idOf(one: P): Promise<Result<string, ApiFailure>> {
    const id = await this.own.idOf(one);
    return typeof id === 'string' ? ok(id) : id;
  }

  #builtInOf(id: string): Definition<T> | undefined {
    const builtIn = this.own.builtIn?.();
    return builtIn?.id === id ? builtIn : undefined;
  }

  #isInForce(stored: Definition<T> | undefined): boolean {
    return stored !== undefined && (this.own.isInForce?.(stored.value) ?? true);
  }

  async #shown(stored: Definition<T>): Promise<Shown> {
    const [shown] = await this.own.show([stored]);
    if (shown === undefined) throw new Error(`the ${this.own.what} ${stored.id} is not shown`);
    return shown;
  }
}

function withoutWorkspace({ workspaceId: _workspaceId, ...value }: Stamped): object {
  return value;
}

/** What restores a version as it is, by a kind's own rule of what can be in force. */
export function asItWas<T extends Stamped>(
  { kind }: Pick<Definitions<T>, 'kind'>,
  value: T,
  at: number,
): Result<Change<T>, ApiFailure> {
  const message = kind.faultOf?.(value);
  if (message !== undefined) return failed({ code: 'invalid_query', message });
  return ok({ put: { ...value, updatedAt: toInstant(at) } });
}
