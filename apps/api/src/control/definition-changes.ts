import { Inject, Injectable } from '@nestjs/common';
import {
  ControlPlane,
  DatabaseAwayError,
  TakenError,
  type Authorship,
  type Change,
  type ControlTables,
  type Definition,
  type Definitions,
  type Principal,
  type Statements,
  type Taken,
} from '@tributary/control';
import { failed, ok, type Clock, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import type { ApiFailure } from '../http/api.errors.js';

const PUBLISHED_WITHIN_MS = 5_000;

const AWAY: ApiFailure = {
  code: 'unavailable',
  message:
    'The database does not answer, and nothing was changed unless it went away in that moment. Send it again.',
};

/** Who asks for a change, and why. */
export interface ByWhom {
  readonly author: Principal;
  readonly reason?: string | undefined;
}

/** What became of a definition. */
export interface Applied<T> {
  readonly before: Definition<T> | undefined;
  /** Absent where it was removed. */
  readonly definition: Definition<T> | undefined;
  /** It is kept and will be in force, and its topic does not have it yet. */
  readonly isUnderWay: boolean;
}

/** Changes definitions in the database, and waits until their topics have what was changed. */
@Injectable()
export class DefinitionChanges {
  constructor(
    private readonly plane: ControlPlane,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async change<T extends object>(
    definitions: Definitions<T>,
    id: string,
    by: ByWhom,
    decide: (
      before: Definition<T> | undefined,
      statements: Statements<ControlTables>,
    ) => Result<Change<T>, ApiFailure> | Promise<Result<Change<T>, ApiFailure>>,
  ): Promise<Result<Applied<T>, ApiFailure>> {
    try {
      const changed = await definitions.change(id, { ...by, at: this.clock.now() }, decide);
      if (!changed.ok) return failed('taken' in changed.error ? takenBy(changed.error) : changed.error);
      const { seq, before, definition } = changed.value;
      return ok({ before, definition, isUnderWay: await this.#isUnderWay(seq) });
    } catch (error) {
      if (error instanceof DatabaseAwayError) return failed(AWAY);
      throw error;
    }
  }

  /** All that `work` changes, or nothing: it answers the last place in the outbox that it took. */
  async changeAll<T>(
    by: ByWhom,
    work: (
      statements: Statements<ControlTables>,
      authorship: Authorship,
    ) => Promise<Result<T & { readonly seq?: number }, ApiFailure>>,
  ): Promise<Result<T & { readonly isUnderWay: boolean }, ApiFailure>> {
    try {
      const done = await this.plane.changeAll((statements) =>
        work(statements, { ...by, at: this.clock.now() }),
      );
      if (!done.ok) return done;
      return ok({ ...done.value, isUnderWay: await this.#isUnderWay(done.value.seq) });
    } catch (error) {
      if (error instanceof TakenError) return failed(takenBy(error.taken));
      if (error instanceof DatabaseAwayError) return failed(AWAY);
      throw error;
    }
  }

  async #isUnderWay(seq: number | undefined): Promise<boolean> {
    return seq !== undefined && !(await this.plane.relay.published(seq, PUBLISHED_WITHIN_MS));
  }
}

/** Which place of a request named it is for its service to tell. */
function takenBy({ taken, owner }: Taken): ApiFailure {
  const whose = owner ?? 'one of another workspace';
  return { code: 'write_key_taken', message: `It is another source’s: ${whose}`, details: { taken, owner } };
}
