import { Inject, Injectable } from '@nestjs/common';
import { splitId, type SplitMessage } from '@tributary/contracts';
import { ControlPlane, type Change, type ControlTables, type Statements } from '@tributary/control';
import { pairOf, type Pair, type RulesDefinition } from '@tributary/identity';
import { failed, ok, toInstant, type Clock, type Identifier, type Result } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { DefinitionChanges } from '../../control/definition-changes.js';
import { DefinitionResource, type Listed } from '../../control/definition-resource.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { invalid, readIdentifier, writtenIdentifier } from '../identifiers.js';
import { RulesService } from '../rules/rules.service.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { SPLITS, type StoredSplit } from './split.kind.js';
import {
  toShownSplit,
  type ShownSplit,
  type SplitBody,
  type SplitPair,
  type SplitsQuery,
} from './split.dto.js';

/** Of those in force: a person can be split from so many, and the work of each join grows with them. */
const MOST_OF_ONE = 1_000;
const NOT_FOUND: ApiFailure = {
  code: 'split_not_found',
  message: 'There is no split in force between these two.',
};

@Injectable()
export class SplitsService {
  readonly resource: DefinitionResource<SplitMessage, SplitPair, SplitsQuery, SplitBody, ShownSplit>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly rules: RulesService,
  ) {
    this.resource = new DefinitionResource(plane.definitions(SPLITS), changes, {
      what: 'split',
      list: 'splits',
      idOf: (pair) => this.#idOf(pair),
      missing: () => NOT_FOUND,
      listed: (query) => this.#listed(query),
      isInForce: ({ apart }) => apart,
      wanted: (id, { reason }, before, statements) =>
        this.wanted(pairIn(id), reason, before, () => this.#counts(statements)),
      restored: (id, value, before, statements) => this.#restored(id, value, before, statements),
      removal: (before) => ok(this.lifted(before)),
      show: (stored) => stored.map(toShownSplit),
    });
  }

  /** All pairs that are kept apart. */
  async pairsApart(): Promise<readonly Pair[]> {
    const all = await this.resource.definitions.all();
    return inForce(all).map(({ value: { a, b } }) => pairOf(a as Identifier, b as Identifier));
  }

  /** The splits in force that name one of them. */
  async naming(identifiers: ReadonlySet<string>): Promise<readonly ShownSplit[]> {
    return naming(await this.resource.definitions.all(), identifiers).map(toShownSplit);
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

  /** Apart, or not. */
  async #restored(
    id: string,
    { apart, reason }: SplitMessage,
    before: StoredSplit | undefined,
    statements: Statements<ControlTables>,
  ): Promise<Result<Change<SplitMessage>, ApiFailure>> {
    const two = pairIn(id);
    const isOneMore = apart && !before?.value.apart;
    const refused = isOneMore ? tooMany(two, await this.#counts(statements)) : undefined;
    return refused ? failed(refused) : ok({ put: this.#message(two, before, apart, reason) });
  }

  async #counts(statements: Statements<ControlTables>): Promise<SplitCounts> {
    return countIn(await this.resource.definitions.allIn(statements));
  }

  async #listed({ apart, identifier }: SplitsQuery): Promise<Result<Listed<SplitMessage>, ApiFailure>> {
    const named =
      identifier === undefined
        ? ok(undefined)
        : writtenIdentifier(identifier, 'identifier', await this.rules.inForce());
    if (!named.ok) return named;
    return ok({
      filter: { apart, identifier },
      isListed: ({ value: { a, b, apart: isApart } }) =>
        (apart === 'all' || String(isApart) === apart) &&
        (named.value === undefined || [a, b].some((one) => one === named.value || one === identifier)),
    });
  }

  /** As events have the two; as they were sent where there is such a split, of before these rules. */
  async #idOf(pair: SplitPair): Promise<Result<string, ApiFailure>> {
    const sent = readPair(pair, readIdentifier);
    if (sent.ok) {
      const id = splitId(...sent.value);
      if (await this.resource.definitions.find(id)) return ok(id);
    }
    const rules = await this.rules.inForce();
    const written = readPair(pair, (text, field) => writtenIdentifier(text, field, rules));
    return written.ok ? ok(splitId(...written.value)) : written;
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

/** The two of an id. */
function pairIn(id: string): readonly [Identifier, Identifier] {
  return JSON.parse(id) as [Identifier, Identifier];
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
