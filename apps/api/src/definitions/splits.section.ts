import { Injectable } from '@nestjs/common';
import { splitId, type SplitMessage } from '@tributary/contracts';
import { ControlPlane, type Definition, type Definitions } from '@tributary/control';
import { failed, ok, type Result } from '@tributary/kernel';
import { problem, type Problem } from '../http/problems.js';
import { SplitItem } from '../identity/splits/split.dto.js';
import { SPLITS } from '../identity/splits/split.kind.js';
import { countIn, countOne, pairBy, SplitsService } from '../identity/splits/splits.service.js';
import {
  bodyAt,
  gathered,
  problemsOfFailure,
  type Entries,
  type Entry,
  type Planning,
  type Section,
} from './section.js';

type Stored = ReadonlyMap<string, Definition<SplitMessage>>;

/** Splits in files: a list of pairs. */
@Injectable()
export class SplitsSection implements Section<SplitMessage> {
  readonly name = 'splits';
  readonly what = 'split';
  readonly area = 'identity';
  readonly definitions: Definitions<SplitMessage>;

  constructor(
    plane: ControlPlane,
    private readonly splits: SplitsService,
  ) {
    this.definitions = plane.definitions(SPLITS);
  }

  exported(stored: readonly Definition<SplitMessage>[]): readonly object[] {
    return stored.filter(({ value }) => value.apart).map(({ value }) => this.show(value));
  }

  entriesIn(sent: unknown, stored: Stored, planning: Planning): Entries<SplitMessage> {
    if (!Array.isArray(sent)) return { entries: [], problems: [problem(this.name, 'must be a list')] };
    const seen = new Map<string, string>();
    const counts = countIn([...stored.values()]);
    return gathered(
      sent.map((one: unknown, i): Result<Entry<SplitMessage>, readonly Problem[]> => {
        const place = `${this.name}[${i}]`;
        const body = bodyAt(place, SplitItem, one);
        if (!body.ok) return body;
        const two = pairBy(body.value, planning.rules, (id) => stored.has(id));
        if (!two.ok) return failed(problemsOfFailure(place, two.error));
        const id = splitId(...two.value);
        const other = seen.get(id);
        if (other !== undefined) return failed([problem(place, `is the same pair as ${other}`)]);
        seen.set(id, place);
        return ok({
          id,
          place,
          change: async (before: Definition<SplitMessage> | undefined) => {
            const counted = () => Promise.resolve(counts);
            const change = await this.splits.wanted(two.value, body.value.reason, before, counted);
            if (!change.ok) return failed(problemsOfFailure(place, change.error));
            const isNew = typeof change.value === 'object' && !before?.value.apart;
            if (isNew) countOne(counts, change.value.put);
            return change;
          },
          show: (value: SplitMessage) => this.show(value),
        });
      }),
    );
  }

  isThere({ apart }: SplitMessage): boolean {
    return apart;
  }

  removal(definition: Definition<SplitMessage>) {
    return this.splits.lifted(definition);
  }

  show({ a, b, reason }: SplitMessage): object {
    return { a, b, ...(reason === undefined ? {} : { reason }) };
  }
}
