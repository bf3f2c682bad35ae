import {
  EpochReader,
  isHigher,
  isPartitionKey,
  isToldKey,
  messageOf,
  placeOfChange,
  TOPICS,
  validateMembership,
  type AudienceChangeMessage,
  type Heard,
  type ToldMessage,
} from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import type { PartitionStore, Phases, TableWriter } from '@tributary/state';
import { randomUUID } from 'node:crypto';
import type { Change } from './evaluate.js';
import {
  fromMembershipRecord,
  toChangeRecord,
  toEpochRecord,
  toMembershipRecord,
  toToldRecord,
} from './records.js';

const { memberships: MEMBERSHIPS, changes: CHANGES } = TOPICS;
const TABLE = 'owner';
const POSITION = 'position';
const NOBODY: Heard = { epoch: 0, sequence: 0 };

/** How far an owner was: in the two logs, and with telling. All before it in the log of memberships was told. */
interface Position {
  readonly epoch: number;
  readonly memberships: Place;
  readonly changes: Place;
  /** The place of the last membership whose change is written. */
  readonly told: Heard;
}

/** The next offset of a log, and the number of the last record before it. */
interface Place {
  readonly offset: number;
  readonly sequence: number;
}

const START: Position = {
  epoch: 0,
  memberships: { offset: 0, sequence: 0 },
  changes: { offset: 0, sequence: 0 },
  told: NOBODY,
};

/** What an owner of a partition needs. */
export interface OwnerOptions {
  readonly partition: number;
  readonly store: PartitionStore;
  readonly logs: Logs;
  /** Asks for a step in which `owed` is published. */
  readonly wake: () => void;
}

/**
 * The owner of a partition tells each membership that changes, and then the change. A step is:
 *
 * 1. its memberships, acknowledged. A crash here: the next owner finds memberships without changes, and tells them.
 * 2. their changes, acknowledged. A crash here: all is told; the facts are folded again, and nothing changes.
 *
 * The other way round, a crash in between would leave changes whose memberships are told again, under other ids.
 */
export class Owner {
  readonly #options: OwnerOptions;
  #epoch = 0;
  #sequence = 0;
  #changeSequence = 0;
  #told = NOBODY;
  /** Of the changes that are under way. */
  #telling = NOBODY;
  #memberships = new Contiguous({ offset: 0, sequence: 0 });
  #changes = new Contiguous({ offset: 0, sequence: 0 });
  #isToldSince = false;
  #owes = false;

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Takes the partition over. Answers with the changes that owners before it owe; hands over what they published since the
   * checkpoint. The order in which it claims is that in which a former owner is cut off, so that no change counts of which the membership does not:
   *
   * 1. A record whose offset is the epoch. A crash here: the number is nobody's.
   * 2. The epoch begins in changes: what a former owner still tells is void. A crash here: its memberships go on without
   *    changes, and are the next owner's to tell.
   * 3. The epoch begins in memberships.
   */
  async begin(now: number, onPublished: (record: LogRecord) => void): Promise<readonly OutgoingRecord[]> {
    const { partition } = this.#options;
    const message = { claim: randomUUID(), at: toInstant(now) };
    this.#epoch = await this.#write(toEpochRecord(MEMBERSHIPS, partition, message));
    const changesEnd = await this.#write(toEpochRecord(CHANGES, partition, message, this.#epoch));
    const end = await this.#write(toEpochRecord(MEMBERSHIPS, partition, message, this.#epoch));
    this.#memberships = new Contiguous({ offset: end + 1, sequence: 0 });
    this.#changes = new Contiguous({ offset: changesEnd + 1, sequence: 0 });
    const stored = this.#options.store.getFrom(TABLE, POSITION);
    const position = stored === undefined ? undefined : (JSON.parse(stored) as Position);
    const { last, news } = await this.#readMemberships(position ?? START, end, onPublished);
    // On an empty disk all there is was read, of which only what lies behind the last word on the changes may be untold.
    const since = position ? news : (await this.#readMemberships(last, end)).news;
    const { told, lost } = await this.#readChanges(last, changesEnd);
    const untold = since.filter((record) => isHigher(placeOf(record), told)).slice(lost);
    this.#told = told;
    this.#owes = told.sequence > 0;
    if (this.#owes) this.#options.wake();
    return untold.map((record) => this.#tell(fromMembershipRecord(record), placeOf(record)));
  }

  /** The records of these changes, in two phases. */
  tell(changes: readonly Change[]): Phases {
    if (changes.length === 0) return [];
    const places = changes.map((): Heard => {
      this.#sequence += 1;
      return { epoch: this.#epoch, sequence: this.#sequence };
    });
    const placed = changes.map((change, i) => [change, places[i] ?? NOBODY] as const);
    return [
      placed.map(([change, place]) => toMembershipRecord(change, place)),
      placed.map(([change, place]) => this.#tell(change, place)),
    ];
  }

  /** How far it has told, where that is to be said: once a checkpoint, if anything was told since. */
  owed(): readonly OutgoingRecord[] {
    if (!this.#owes) return [];
    this.#owes = false;
    return [this.toldRecord()];
  }

  toldRecord(): OutgoingRecord {
    const { partition } = this.#options;
    const { offset: changesOffset, sequence: changesSequence } = this.#changes.place;
    return toToldRecord(partition, this.#epoch, { ...this.#told, changesOffset, changesSequence });
  }

  acknowledged(records: readonly OutgoingRecord[], offsets: readonly number[]): void {
    for (const [i, { topic, headers }] of records.entries()) {
      const log = topic === CHANGES.name ? this.#changes : this.#memberships;
      log.reached(offsets[i] ?? -1, headers?.sequence);
    }
    if (records[0]?.topic !== CHANGES.name) return;
    this.#told = this.#telling;
    this.#isToldSince = true;
  }

  checkpoint(writer: TableWriter): void {
    const position: Position = {
      epoch: this.#epoch,
      memberships: this.#memberships.place,
      changes: this.#changes.place,
      told: this.#told,
    };
    writer.put(TABLE, POSITION, JSON.stringify(position));
    if (!this.#isToldSince) return;
    this.#isToldSince = false;
    this.#owes = true;
    this.#options.wake();
  }

  #tell(change: Change, place: Heard): OutgoingRecord {
    const { partition } = this.#options;
    this.#changeSequence += 1;
    this.#telling = place;
    return toChangeRecord(change, {
      ...{ partition, place },
      ...{ epoch: this.#epoch, sequence: this.#changeSequence },
    });
  }

  async #write(record: OutgoingRecord): Promise<number> {
    const [offset] = await this.#options.logs.send([record]);
    if (offset === undefined)
      throw new Error(`the epoch record of ${record.topic} ${this.#options.partition} was not acknowledged`);
    return offset;
  }

  /** Reads from a position; `last` is the last one that is known then, and `news` what was told behind it. */
  async #readMemberships(
    from: Position,
    to: number,
    onPublished?: (record: LogRecord) => void,
  ): Promise<{ readonly last: Position; readonly news: readonly LogRecord[] }> {
    const { logs, partition } = this.#options;
    const isWhole = from === START;
    const reader = new EpochReader([[partition, { epoch: from.epoch, sequence: from.memberships.sequence }]]);
    let last = from;
    let news: LogRecord[] = [];
    const range = { topic: MEMBERSHIPS.name, partition, from: from.memberships.offset, to };
    await logs.read(range, (record) => {
      const reading = reader.read(record);
      if (reading === 'void' || validateMembership(record) !== undefined) return;
      if (isToldKey(record.key) && record.value) {
        last = positionOf(record, reader.heard(partition));
        news = [];
      }
      if (isPartitionKey(record.key)) return;
      onPublished?.(record);
      if (reading === 'news' && !(isWhole && onPublished)) news.push(record);
    });
    return { last, news };
  }

  /** How far changes were told; `lost`: so many were told behind that, and the log has them no more. */
  async #readChanges(from: Position, to: number): Promise<{ readonly told: Heard; readonly lost: number }> {
    const { logs, partition } = this.#options;
    const start = (await logs.bounds(CHANGES.name)).get(partition)?.start ?? 0;
    const reader = new EpochReader([[partition, { epoch: from.epoch, sequence: from.changes.sequence }]]);
    let { told } = from;
    const range = { topic: CHANGES.name, partition, from: Math.max(from.changes.offset, start), to };
    await logs.read(range, (record) => {
      if (reader.isNews(record)) told = placeOfChange((messageOf(record) as AudienceChangeMessage).id);
    });
    const lost = told === from.told ? Math.max(0, start - from.changes.offset) : 0;
    return { told, lost };
  }
}

/** How far a log is known to hold nothing that was not read, or written by this owner. */
class Contiguous {
  #isTorn = false;

  constructor(public place: Place) {}

  reached(offset: number, sequence: string | undefined): void {
    // The broker refused it, and it was kept aside.
    if (offset < 0) return;
    this.#isTorn ||= offset !== this.place.offset;
    if (this.#isTorn) return;
    this.place = { offset: offset + 1, sequence: Number(sequence ?? this.place.sequence) };
  }
}

function placeOf({ headers }: LogRecord): Heard {
  return { epoch: Number(headers.epoch), sequence: Number(headers.sequence) };
}

function positionOf(record: LogRecord, { epoch, sequence }: Heard): Position {
  const told = messageOf(record) as ToldMessage;
  return {
    epoch,
    memberships: { offset: record.offset + 1, sequence },
    changes: { offset: told.changesOffset, sequence: told.changesSequence },
    told: { epoch: told.epoch, sequence: told.sequence },
  };
}
