import type { Kysely } from 'kysely';
import type { Statements } from '../database.js';
import type { ControlTables } from '../tables.js';
import { digestOf, keyOf, type DefinitionKind } from './kind.js';

/** Something that only one definition may have is another's. */
export interface Taken {
  readonly taken: string;
  /** Id of the definition that has it; absent where it is of another workspace. */
  readonly owner?: string;
}

/** Undoes the change of whoever wants what another has. */
export class TakenError extends Error {
  override readonly name = 'TakenError';

  constructor(readonly taken: Taken) {
    super('it is another definition’s');
  }
}

/** What only one definition of a kind may have, in all workspaces: rows under a unique constraint, in the transaction of each change. */
export class Claims<T extends object> {
  constructor(
    private readonly workspaceOf: () => string,
    private readonly kind: DefinitionKind<T>,
  ) {}

  private get workspace(): string {
    return this.workspaceOf();
  }

  /** A definition has what its value wants, and nothing else; without a value, nothing. @throws TakenError */
  async take(statements: Statements<ControlTables>, id: string, value: T | undefined): Promise<void> {
    const { kind, workspace } = this;
    if (!kind.claims) return;
    await this.drop(statements, [id]);
    const own = { workspace, kind: kind.name, key: keyOf(id) };
    const wanted = new Map((value ? kind.claims(value) : []).map((claim) => [digestOf(claim), claim]));
    // In one order everywhere: two that want the same ones do not wait for each other.
    for (const claim of [...wanted.keys()].sort()) {
      const mine = await statements
        .insertInto('definition_claims')
        .values({ ...own, claim })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (mine) continue;
      const [owner] = await this.#ownersOf(statements, [claim]);
      throw new TakenError({ taken: wanted.get(claim) ?? '', ...owner?.of });
    }
  }

  /** Definitions let go of what they have. */
  async drop(statements: Statements<ControlTables>, ids: readonly string[]): Promise<void> {
    if (!this.kind.claims || ids.length === 0) return;
    await statements
      .deleteFrom('definition_claims')
      .where('workspace', '=', this.workspace)
      .where('kind', '=', this.kind.name)
      .where('key', 'in', ids.map(keyOf))
      .execute();
  }

  /** What values want that another has, who is neither among them nor leaving. */
  async taken(
    statements: Kysely<ControlTables>,
    values: ReadonlyMap<string, T>,
    leaving: readonly string[],
  ): Promise<readonly Taken[]> {
    const texts = [...values.values()].flatMap((value) => this.kind.claims?.(value) ?? []);
    const wanted = new Map(texts.map((text) => [digestOf(text), text]));
    if (wanted.size === 0) return [];
    const free = new Set([...values.keys(), ...leaving]);
    const owners = await this.#ownersOf(statements, [...wanted.keys()]);
    return owners
      .filter(({ of: { owner } }) => owner === undefined || !free.has(owner))
      .map(({ claim, of }) => ({ taken: wanted.get(claim) ?? '', ...of }));
  }

  async #ownersOf(
    statements: Kysely<ControlTables>,
    claims: readonly string[],
  ): Promise<readonly { readonly claim: string; readonly of: Pick<Taken, 'owner'> }[]> {
    const rows = await statements
      .selectFrom('definition_claims as c')
      .innerJoin('definitions as d', (on) =>
        on
          .onRef('d.workspace', '=', 'c.workspace')
          .onRef('d.kind', '=', 'c.kind')
          .onRef('d.key', '=', 'c.key'),
      )
      .select(['d.id', 'd.workspace', 'c.claim'])
      .where('c.kind', '=', this.kind.name)
      .where('c.claim', 'in', claims)
      .execute();
    // What others have in their workspaces is no business of this one.
    return rows.map(({ id, workspace, claim }) => ({
      claim,
      of: workspace === this.workspace ? { owner: id } : {},
    }));
  }
}
