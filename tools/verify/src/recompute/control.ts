import {
  validateSplit,
  validateIdentityRules,
  TOPICS,
  type SplitMessage,
  type IdentityRulesMessage,
  type Topic,
} from '@tributary/contracts';
import { DEFAULT_RULES, IdentityRules, pairOf, ruleFaults, type Pair } from '@tributary/identity';
import type { LogRecord } from '@tributary/kafka';
import { parseScopedKey, scopedKey, type Identifier } from '@tributary/kernel';
import { wholeOf, type Log, type Range } from '../log/log.port.js';
import type { AppliedRules } from '../report.js';
import { VerifyError } from '../verify.errors.js';

interface RulesInForce {
  readonly version: number;
  readonly rules: IdentityRules;
}

const BUILT_IN = new IdentityRules(DEFAULT_RULES);
const READ: readonly Topic[] = [TOPICS.identityRules, TOPICS.splits];

/** The rules and splits in force, as the control topics have them at the time of reading. */
export class IdentityControl {
  readonly #rules = new Map<string, RulesInForce>();
  readonly #splits = new Map<string, { readonly workspaceId: string; readonly pair: Pair }>();
  /** By the key of their first end. */
  readonly #pairs = new Map<string, Pair[]>();

  private constructor(
    private readonly log: Log,
    private readonly read: ReadonlyMap<string, ReadonlyMap<number, Range>>,
  ) {}

  /** @throws VerifyError where the rules in force could not be applied by anybody */
  static async read(log: Log): Promise<IdentityControl> {
    const read = new Map<string, ReadonlyMap<number, Range>>();
    for (const { name } of READ) read.set(name, await wholeOf(log, name));
    const control = new IdentityControl(log, read);
    await log.read(TOPICS.identityRules.name, rangesOf(read, TOPICS.identityRules), (record) => {
      control.#takeRules(record);
    });
    await log.read(TOPICS.splits.name, rangesOf(read, TOPICS.splits), (record) => {
      control.#takeCut(record);
    });
    for (const { workspaceId, pair } of control.#splits.values()) {
      const key = scopedKey(workspaceId, pair[0]);
      control.#pairs.set(key, [...(control.#pairs.get(key) ?? []), pair]);
    }
    return control;
  }

  rulesOf(workspaceId: string): IdentityRules {
    return this.#rules.get(workspaceId)?.rules ?? BUILT_IN;
  }

  /** The pairs of these identifiers that are kept apart. */
  splitsAmong(workspaceId: string, ids: Iterable<Identifier>): readonly Pair[] {
    if (this.#pairs.size === 0) return [];
    return [...ids].flatMap((id) => this.#pairs.get(scopedKey(workspaceId, id)) ?? []);
  }

  /** For a reader of the report: of each workspace that has rules of its own or splits. */
  get applied(): readonly AppliedRules[] {
    const splits = new Map<string, number>();
    for (const { workspaceId } of this.#splits.values())
      splits.set(workspaceId, (splits.get(workspaceId) ?? 0) + 1);
    return [...new Set([...this.#rules.keys(), ...splits.keys()])].sort().map((workspaceId) => {
      const version = this.#rules.get(workspaceId)?.version;
      const rules = version === undefined ? {} : { rulesVersion: version };
      return { workspaceId, ...rules, splits: splits.get(workspaceId) ?? 0 };
    });
  }

  /**
   * What was streamed since is by other rules.
   *
   * @throws VerifyError when rules or splits were written since they were read
   */
  async assertInForce(): Promise<void> {
    for (const { name } of READ) {
      for (const [partition, { end }] of await this.log.bounds(name)) {
        if ((this.read.get(name)?.get(partition)?.to ?? 0) < end)
          throw new VerifyError(`${name} was written to while the verification ran: start it again`);
      }
    }
  }

  #takeRules(record: LogRecord): void {
    const { key, value, offset } = record;
    // Set aside by everyone who reads them.
    if (validateIdentityRules(record) !== undefined) return;
    if (!value) {
      this.#rules.delete(parseScopedKey(key).workspaceId);
      return;
    }
    const { workspaceId, namespaces } = JSON.parse(value.toString('utf8')) as IdentityRulesMessage;
    const [fault] = ruleFaults({ namespaces });
    if (fault) {
      const where = `${TOPICS.identityRules.name}, offset ${offset}`;
      throw new VerifyError(
        `the rules of ${workspaceId} cannot be in force: ${fault.field} ${fault.message} (${where})`,
      );
    }
    this.#rules.set(workspaceId, { version: offset, rules: new IdentityRules({ namespaces }) });
  }

  #takeCut(record: LogRecord): void {
    if (validateSplit(record) !== undefined) return;
    const { workspaceId, a, b, apart } = JSON.parse(record.value?.toString('utf8') ?? '') as SplitMessage;
    if (apart) this.#splits.set(record.key, { workspaceId, pair: pairOf(a as Identifier, b as Identifier) });
    else this.#splits.delete(record.key);
  }
}

function rangesOf(
  read: ReadonlyMap<string, ReadonlyMap<number, Range>>,
  { name }: Topic,
): ReadonlyMap<number, Range> {
  return read.get(name) ?? new Map();
}
