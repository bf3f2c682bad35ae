import { Inject, Injectable } from '@nestjs/common';
import { splitId, type SplitMessage } from '@tributary/contracts';
import { ControlPlane, type Change, type Definitions } from '@tributary/control';
import { pairOf, type Pair, type RulesDefinition } from '@tributary/identity';
import { failed, ok, toInstant, type Clock, type Identifier, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import { DefinitionChanges, type Applied, type ByWhom } from '../../control/definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from '../../control/versions.dto.js';
import type { ApiFailure } from '../../http/api.errors.js';
import type { PageQuery } from '../../http/page.dto.js';
import type { Outcome } from '../../http/reply.js';
import { pageIn, type Page } from '../../http/page.js';
import { invalid, readIdentifier, writtenIdentifier } from '../identifiers.js';
import { RulesService } from '../rules/rules.service.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { SPLITS, type StoredSplit } from './split.kind.js';
import { toShownSplit, type ShownSplit, type SplitPair, type SplitsQuery } from './split.dto.js';

/** Of those in force: a person can be split from so many, and the work of each join grows with them. */
const MOST_OF_ONE = 1_000;
const NOT_FOUND: ApiFailure = {
  code: 'split_not_found',
  message: 'There is no split in force between these two.',
};

/** A split that was put, and how. */
export interface PutSplit extends Outcome {
  readonly split: ShownSplit;
}

@Injectable()
export class SplitsService {
  readonly #definitions: Definitions<SplitMessage>;

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly rules: RulesService,
  ) {
    this.#definitions = plane.definitions(SPLITS);
  }

  /** One that was removed is shown too. */
  async find(pair: SplitPair): Promise<Result<ShownSplit, ApiFailure>> {
    const two = await this.#pairOf(pair);
    if (!two.ok) return two;
    const stored = await this.#definitions.find(splitId(...two.value));
    return stored ? ok(toShownSplit(stored)) : failed(NOT_FOUND);
  }

  async list({ apart, identifier, ...query }: SplitsQuery): Promise<Result<Page<ShownSplit>, ApiFailure>> {
    const named =
      identifier === undefined
        ? ok(undefined)
        : writtenIdentifier(identifier, 'identifier', await this.rules.inForce());
    if (!named.ok) return named;
    const found = (await this.#definitions.all())
      .filter(({ value }) => apart === 'all' || String(value.apart) === apart)
      .filter(
        ({ value: { a, b } }) =>
          named.value === undefined || [a, b].some((one) => one === named.value || one === identifier),
      );
    const scope = { list: 'splits', filter: { apart, identifier } };
    return pageIn(found.map(toShownSplit), query, scope, ({ a, b }) => splitId(a, b));
  }

  /** All pairs that are kept apart. */
  async pairsApart(): Promise<readonly Pair[]> {
    const all = await this.#definitions.all();
    return inForce(all).map(({ value: { a, b } }) => pairOf(a as Identifier, b as Identifier));
  }

  /** The splits in force that name one of them. */
  async naming(identifiers: ReadonlySet<string>): Promise<readonly ShownSplit[]> {
    return naming(await this.#definitions.all(), identifiers).map(toShownSplit);
  }

  /** Puts a split in force; one that is in force as sent is left as it is. */
  async put(
    pair: SplitPair,
    reason: string | undefined,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutSplit, ApiFailure>> {
    const two = await this.#pairOf(pair);
    if (!two.ok) return two;
    const changed = await this.changes.change(
      this.#definitions,
      splitId(...two.value),
      by,
      async (before, statements) => {
        const apart = before?.value.apart ? before : undefined;
        const mismatch = mismatchOf('split', apart, preconditions);
        if (mismatch) return failed(mismatch);
        return this.wanted(two.value, reason, before, async () =>
          countIn(await this.#definitions.allIn(statements)),
        );
      },
    );
    return changed.ok ? put(changed.value) : changed;
  }

  /** What is to become of a split by what is sent; `counts` says how many in force name an identifier. */
  async wanted(
    two: readonly [Identifier, Identifier],
    reason: string | undefined,
    before: StoredSplit | undefined,
    counts: () => Promise<SplitCounts>,
  ): Promise<Result<Change<SplitMessage>, ApiFailure>> {
    if (!before?.value.apart) {
      const refused = tooMany(two, await counts());
      if (refused) return failed(refused);
    } else if (before.value.reason === reason) return ok('keep');
    return ok({ put: this.#message(two, before, true, reason) });
  }

  /** What removes a split: a version that says so. */
  lifted({ value }: StoredSplit): Change<SplitMessage> {
    return { put: { ...value, apart: false, updatedAt: toInstant(this.clock.now()) } };
  }

  async lift(
    pair: SplitPair,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<Outcome, ApiFailure>> {
    const two = await this.#pairOf(pair);
    if (!two.ok) return two;
    return this.changes.change(this.#definitions, splitId(...two.value), by, (before) => {
      if (!before?.value.apart) return failed(NOT_FOUND);
      const mismatch = mismatchOf('split', before, preconditions);
      return mismatch ? failed(mismatch) : ok(this.lifted(before));
    });
  }

  async versions(pair: SplitPair, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    const two = await this.#pairOf(pair);
    if (!two.ok) return two;
    const show = ({ workspaceId: _workspaceId, ...split }: SplitMessage) => split;
    return versionsPage(this.#definitions, splitId(...two.value), query, show);
  }

  /** Puts a version in force once more, as a new one: apart, or not. */
  async restore(
    pair: SplitPair,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutSplit, ApiFailure>> {
    const two = await this.#pairOf(pair);
    if (!two.ok) return two;
    const id = splitId(...two.value);
    const value = (await this.#definitions.version(id, version))?.value;
    if (!value) return failed(noVersion(version));
    const changed = await this.changes.change(this.#definitions, id, by, async (before, statements) => {
      const apart = before?.value.apart ? before : undefined;
      const mismatch = mismatchOf('split', apart, preconditions);
      const joins = !value.apart || apart !== undefined;
      const refused =
        mismatch ??
        (joins ? undefined : tooMany(two.value, countIn(await this.#definitions.allIn(statements))));
      if (refused) return failed(refused);
      return ok({ put: this.#message(two.value, before, value.apart, value.reason) });
    });
    return changed.ok ? put(changed.value) : changed;
  }

  /** As events have the two; as they were sent where there is such a split, of before these rules. */
  async #pairOf(pair: SplitPair): Promise<Result<readonly [Identifier, Identifier], ApiFailure>> {
    const sent = readPair(pair, readIdentifier);
    if (sent.ok && (await this.#definitions.find(splitId(...sent.value)))) return sent;
    const rules = await this.rules.inForce();
    return readPair(pair, (text, field) => writtenIdentifier(text, field, rules));
  }

  #message(
    [a, b]: readonly [Identifier, Identifier],
    before: StoredSplit | undefined,
    apart: boolean,
    reason: string | undefined,
  ): SplitMessage {
    const updatedAt = toInstant(this.clock.now());
    return {
      workspaceId: currentWorkspace(),
      a,
      b,
      apart,
      ...(reason === undefined ? {} : { reason }),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
  }
}

/** How many splits in force name an identifier; one that none names is absent. */
export type SplitCounts = ReadonlyMap<string, number>;

export function countIn(all: readonly StoredSplit[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { value } of inForce(all)) countOne(counts, value);
  return counts;
}

/** One more that is in force. */
export function countOne(counts: Map<string, number>, { a, b }: Pick<SplitMessage, 'a' | 'b'>): void {
  for (const one of [a, b]) counts.set(one, (counts.get(one) ?? 0) + 1);
}

function tooMany(two: readonly Identifier[], counts: SplitCounts): ApiFailure | undefined {
  for (const one of two) {
    const count = counts.get(one) ?? 0;
    if (count < MOST_OF_ONE) continue;
    const message = `${one} is named by ${count} splits in force: at most ${MOST_OF_ONE}. Remove some of them, or block the value by the rules if it belongs to nobody.`;
    return { code: 'too_many_splits', message, details: { identifier: one, splits: count } };
  }
  return undefined;
}

function put({ before, definition, isUnderWay }: Applied<SplitMessage>): Result<PutSplit, ApiFailure> {
  if (!definition) return failed(NOT_FOUND);
  return ok({ split: toShownSplit(definition), created: !before?.value.apart, isUnderWay });
}

function inForce(all: readonly StoredSplit[]): readonly StoredSplit[] {
  return all.filter(({ value }) => value.apart);
}

function naming(all: readonly StoredSplit[], identifiers: ReadonlySet<string>): readonly StoredSplit[] {
  return inForce(all).filter(({ value: { a, b } }) => identifiers.has(a) || identifiers.has(b));
}

/** As events have the two by these rules; as they were sent where there is such a split, of before the rules. */
export function pairBy(
  pair: SplitPair,
  rules: RulesDefinition,
  isKnown: (id: string) => boolean,
): Result<readonly [Identifier, Identifier], ApiFailure> {
  const sent = readPair(pair, readIdentifier);
  if (sent.ok && isKnown(splitId(...sent.value))) return sent;
  return readPair(pair, (text, field) => writtenIdentifier(text, field, rules));
}

/** In the order of their texts. */
function readPair(
  { a, b }: SplitPair,
  read: typeof readIdentifier,
): Result<readonly [Identifier, Identifier], ApiFailure> {
  const first = read(a, 'a');
  if (!first.ok) return first;
  const second = read(b, 'b');
  if (!second.ok) return second;
  if (first.value === second.value)
    return invalid('b', 'is the same identifier as a: a split is between two');
  return ok(first.value < second.value ? [first.value, second.value] : [second.value, first.value]);
}
