import type { Change, Definition, Definitions } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import type { TObject, TProperties } from 'typebox';
import type { ApiFailure } from '../http/api.errors.js';
import type { Dto, Value } from '../http/dto.js';
import { problem } from '../http/problems.js';
import { bodyAt, entriesById, problemsOfFailure, type Section } from './section.js';

/** What files say of a definition that is a query. */
interface Queried {
  readonly name: string;
  readonly description?: string;
  readonly query: string;
}

/** How the definitions of a section are read. */
interface Queries<T extends object, K extends TProperties, B extends TProperties> {
  readonly key: Dto<K>;
  readonly body: Dto<B>;
  readonly wanted: (
    key: string,
    body: Value<TObject<B>>,
    before: Definition<T> | undefined,
  ) => Result<Change<T>, ApiFailure>;
}

/** Definitions in files by their keys, with their queries in the normal form. */
export abstract class QuerySection<
  T extends Queried,
  K extends TProperties,
  B extends TProperties,
> implements Section<T> {
  abstract readonly name: Section<T>['name'];
  abstract readonly what: Section<T>['what'];
  readonly area = 'audiences';

  constructor(
    readonly definitions: Definitions<T>,
    private readonly queries: Queries<T, K, B>,
  ) {}

  exported(stored: readonly Definition<T>[]): object {
    return Object.fromEntries(stored.map(({ id, value }) => [id, this.show(value)]));
  }

  entriesIn(sent: unknown) {
    const { key: keyOf, body: bodyOf, wanted } = this.queries;
    return entriesById<T>(this.name, sent, (key, place, one) => {
      const named = keyOf['~standard'].validate({ key });
      if (named.issues)
        return failed(named.issues.map(({ detail }) => problem(place, `(its key) ${detail}`)));
      const body = bodyAt(place, bodyOf, one);
      if (!body.ok) return body;
      return ok({
        id: key,
        place,
        change: (before: Definition<T> | undefined) => {
          const change = wanted(key, body.value, before);
          return Promise.resolve(change.ok ? change : failed(problemsOfFailure(place, change.error)));
        },
        show: (value: T) => this.show(value),
      });
    });
  }

  isThere(): boolean {
    return true;
  }

  removal() {
    return 'remove' as const;
  }

  show({ name, description, query }: T): object {
    return { name, ...(description === undefined ? {} : { description }), query };
  }
}

/** The members of a DTO. */
export type PropertiesOf<D> = D extends Dto<infer P> ? P : never;
