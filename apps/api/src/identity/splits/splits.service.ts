import { Inject, Injectable } from '@nestjs/common';
import { splitId } from '@tributary/contracts';
import { pairOf, type Pair } from '@tributary/identity';
import { failed, ok, toInstant, type Clock, type Identifier, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { mismatchOf, type Preconditions } from '../../control/changes.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { pageIn, type Page } from '../../http/page.js';
import { invalid, readIdentifier, writtenIdentifier } from '../identifiers.js';
import { RulesService } from '../rules/rules.service.js';
import { KafkaSplitCatalog, type StoredSplit } from './kafka.split-catalog.js';
import { toShownSplit, type ShownSplit, type SplitPair, type SplitsQuery } from './split.dto.js';

/** Of those in force: a person can be split from so many, and the work of each join grows with them. */
const MOST_OF_ONE = 1_000;
const NOT_FOUND: ApiFailure = {
  code: 'split_not_found',
  message: 'There is no split in force between these two.',
};

@Injectable()
export class SplitsService {
  constructor(
    private readonly catalog: KafkaSplitCatalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
    private readonly rules: RulesService,
  ) {}

  /** One that was removed is shown too. */
  find(pair: SplitPair): Result<ShownSplit, ApiFailure> {
    const two = this.#pairOf(pair);
    if (!two.ok) return two;
    const stored = this.catalog.find(splitId(...two.value));
    return stored ? ok(toShownSplit(stored)) : failed(NOT_FOUND);
  }

  list({ apart, identifier, ...query }: SplitsQuery): Result<Page<ShownSplit>, ApiFailure> {
    const named =
      identifier === undefined
        ? ok(undefined)
        : writtenIdentifier(identifier, 'identifier', this.rules.inForce());
    if (!named.ok) return named;
    const found = this.catalog
      .all()
      .filter(({ value }) => apart === 'all' || String(value.apart) === apart)
      .filter(
        ({ value: { a, b } }) =>
          named.value === undefined || [a, b].some((one) => one === named.value || one === identifier),
      );
    const scope = { list: 'splits', filter: { apart, identifier } };
    return pageIn(found.map(toShownSplit), query, scope, ({ a, b }) => splitId(a, b));
  }

  /** All pairs that are kept apart. */
  pairsApart(): readonly Pair[] {
    return this.#inForce().map(({ value: { a, b } }) => pairOf(a as Identifier, b as Identifier));
  }

  /** The splits in force that name one of them. */
  naming(identifiers: ReadonlySet<string>): readonly ShownSplit[] {
    const named = this.#inForce().filter(({ value: { a, b } }) => identifiers.has(a) || identifiers.has(b));
    return named.map(toShownSplit);
  }

  /** Puts a split in force; one that is in force as sent is left as it is. */
  async put(
    pair: SplitPair,
    reason: string | undefined,
    preconditions: Preconditions,
  ): Promise<Result<{ readonly split: ShownSplit; readonly created: boolean }, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const two = this.#pairOf(pair);
      if (!two.ok) return two;
      const before = this.catalog.find(splitId(...two.value));
      const inForce = before?.value.apart ? before : undefined;
      const refused =
        mismatchOf('split', inForce, preconditions) ?? (inForce ? undefined : this.#tooMany(two.value));
      if (refused) return failed(refused);
      if (inForce && inForce.value.reason === reason)
        return ok({ split: toShownSplit(inForce), created: false });
      const stored = await this.#write(two.value, before, true, reason);
      return stored.ok ? ok({ split: toShownSplit(stored.value), created: !inForce }) : stored;
    });
  }

  async lift(pair: SplitPair, preconditions: Preconditions): Promise<Result<StoredSplit, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const two = this.#pairOf(pair);
      if (!two.ok) return two;
      const before = this.catalog.find(splitId(...two.value));
      if (!before?.value.apart) return failed(NOT_FOUND);
      const mismatch = mismatchOf('split', before, preconditions);
      if (mismatch) return failed(mismatch);
      return this.#write(two.value, before, false, before.value.reason);
    });
  }

  /** As events have the two; as they were sent where there is such a split, of before these rules. */
  #pairOf(pair: SplitPair): Result<readonly [Identifier, Identifier], ApiFailure> {
    const sent = readPair(pair, readIdentifier);
    if (sent.ok && this.catalog.find(splitId(...sent.value))) return sent;
    const rules = this.rules.inForce();
    return readPair(pair, (text, field) => writtenIdentifier(text, field, rules));
  }

  async #write(
    [a, b]: readonly [Identifier, Identifier],
    before: StoredSplit | undefined,
    apart: boolean,
    reason: string | undefined,
  ): Promise<Result<StoredSplit, ApiFailure>> {
    const updatedAt = toInstant(this.clock.now());
    return this.catalog.put(splitId(a, b), {
      workspaceId: this.config.TRIBUTARY_WORKSPACE,
      a,
      b,
      apart,
      ...(reason === undefined ? {} : { reason }),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    });
  }

  #inForce(): readonly StoredSplit[] {
    return this.catalog.all().filter(({ value }) => value.apart);
  }

  #tooMany(two: readonly Identifier[]): ApiFailure | undefined {
    for (const one of two) {
      const count = this.naming(new Set([one])).length;
      if (count < MOST_OF_ONE) continue;
      const message = `${one} is named by ${count} splits in force: at most ${MOST_OF_ONE}. Remove some of them, or block the value by the rules if it belongs to nobody.`;
      return { code: 'too_many_splits', message, details: { identifier: one, splits: count } };
    }
    return undefined;
  }
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
