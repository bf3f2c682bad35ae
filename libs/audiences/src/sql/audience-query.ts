import type { EventSelection } from '../aggregate-matching.js';
import type {
  AudienceDefinition,
  EventCondition,
  RandomCondition,
  TraitCondition,
  ValueCondition,
} from '../definition.js';
import { keepFor } from '../event-aggregate.js';
import { strategyOf, type Merges } from '../merges/merge-strategy.js';
import { compares, holds } from '../values.js';
import type { Expression } from './expressions.js';
import { callSql, comparisonAtSql, testOf } from './filters.sql.js';
import { elementsSql, present, valuesAtSql } from './paths.sql.js';
import { SENT_TRAITS } from './sent-trait.sql.js';
import { BoundTexts, type BoundQuery } from './texts.js';
import { shareOf } from '../random.js';
import { valueQuery } from './value-query.js';

/** As of when an audience is asked for, and how traits are merged then. */
export interface AudienceQueryOptions {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The strategies of traits that have another than `latest`. */
  readonly merges?: Merges;
}

/**
 * A query of `events_log_by_profile` for the members of an audience at an instant, with the parameter `workspaceId`: rows
 * of `profile_id`, each once, in no order. It counts the events whose time is not after the instant, of the people that
 * identifiers belong to now; nobody without such an event is a member. The events are read once, and only those that a
 * condition may count; where people without any of these are members, everybody's time and identifier, too. A condition on a
 * value reads those of its selection once more.
 *
 * @throws Error where the definition names another audience: see {@link resolve}
 */
export function audienceQuery(definition: AudienceDefinition, options: AudienceQueryOptions): BoundQuery {
  const texts = new BoundTexts();
  const columns = new PeopleColumns(texts, options);
  const { test, ofNothing } = columns.conditionOf(definition);
  const people = columns.people();
  const query = ofNothing
    ? `SELECT DISTINCT profile_id FROM events_log_by_profile WHERE ${columns.isBefore} AND profile_id NOT IN (SELECT profile_id FROM (${people}) WHERE NOT (${test}))`
    : `SELECT profile_id FROM (${people}) WHERE ${test}`;
  return { query, parameters: texts.parameters };
}

/** A condition on a row of people, and whether it holds for those of whom no event is read. */
interface TestSql {
  readonly test: Expression;
  readonly ofNothing: boolean;
}

/** Expressions by name: the same expression has one name. */
class Names {
  readonly #names = new Map<Expression, string>();

  constructor(private readonly prefix: string) {}

  of(expression: Expression): string {
    const name = this.#names.get(expression) ?? `${this.prefix}${this.#names.size}`;
    this.#names.set(expression, name);
    return name;
  }

  get columns(): readonly Expression[] {
    return [...this.#names].map(([expression, name]) => `${expression} AS ${name}`);
  }
}

/** The columns that conditions ask for: of events, of people, and what is read of these. */
class PeopleColumns {
  readonly #selections = new Set<Expression>();
  readonly #ofEvents = new Names('event');
  readonly #ofPeople = new Names('person');
  readonly #read = new Names('tested');
  readonly #at: number;
  /** Which events have happened. */
  readonly isBefore: Expression;

  constructor(
    private readonly texts: BoundTexts,
    private readonly options: AudienceQueryOptions,
  ) {
    this.#at = Math.trunc(options.at);
    this.isBefore = `workspace_id = {workspaceId:String} AND timestamp <= fromUnixTimestamp64Milli(toInt64(${this.#at}), 'UTC')`;
  }

  /** One row for each person of whom an event is read. */
  people(): string {
    const events = [
      ...['profile_id', 'deduplication_id AS id', 'toUnixTimestamp64Milli(timestamp) AS time'],
      '(time, toUnixTimestamp64Milli(received_at), sequence, message_id) AS place',
      ...this.#ofEvents.columns,
    ];
    return `SELECT ${['profile_id', ...this.#read.columns].join(', ')} FROM (
SELECT ${['profile_id', ...this.#ofPeople.columns].join(', ')} FROM (
SELECT ${events.join(', ')} FROM events_log_by_profile
WHERE ${this.isBefore} AND (${[...this.#selections].map((one) => `(${one})`).join(' OR ')})
) GROUP BY profile_id)`;
  }

  conditionOf(definition: AudienceDefinition): TestSql {
    switch (definition.kind) {
      case 'and':
      case 'or': {
        const all = definition.operands.map((operand) => this.conditionOf(operand));
        const [word, joined] =
          definition.kind === 'and' ? (['AND', 'every'] as const) : (['OR', 'some'] as const);
        return {
          test: `(${all.map(({ test }) => test).join(` ${word} `)})`,
          ofNothing: all[joined](({ ofNothing }) => ofNothing),
        };
      }
      case 'not': {
        const { test, ofNothing } = this.conditionOf(definition.operand);
        return { test: `NOT (${test})`, ofNothing: !ofNothing };
      }
      case 'event':
        return this.#counted(definition);
      case 'trait':
        return this.#compared(definition);
      case 'value':
        return this.#computed(definition);
      case 'random':
        return this.#among(definition);
      case 'audience':
        throw new Error(`the definition names the audience ${definition.key} and was not resolved`);
    }
  }

  #counted(condition: EventCondition): TestSql {
    const { count, withinMs } = condition;
    const selected = this.#selected(condition, withinMs);
    // Only whether there is one is asked: nobody's ids are held for that.
    const counted = keepFor(count) === 1 ? `max(${selected})` : `uniqExactIf(id, ${selected})`;
    return {
      test: `${this.#read.of(this.#ofPeople.of(counted))} ${count.op} ${count.value}`,
      ofNothing: holds(count.op, -count.value),
    };
  }

  /** Whether an event is of a selection and in a window. An id that came twice counts as of its latest time, as in the stream. */
  #selected(selection: EventSelection, withinMs: number | undefined): Expression {
    const call = `(${callSql(selection, this.texts.textOf)})`;
    const isInWindow = withinMs === undefined ? [] : [`time > ${this.#at - withinMs}`];
    this.#selections.add([call, ...isInWindow].join(' AND '));
    const { textOf } = this.texts;
    const elementsOf = (object: Expression, path: string) =>
      this.#ofEvents.of(elementsSql(valuesAtSql(object, path, textOf)));
    const test = testOf(selection, { elementsOf, textOf });
    return `(${[this.#ofEvents.of(call), ...isInWindow, `(${test})`].join(' AND ')})`;
  }

  #computed(condition: ValueCondition): TestSql {
    const { textOf } = this.texts;
    this.#selections.add(callSql(condition, textOf));
    const at = this.#at;
    return valueQuery(condition, condition.comparison, { at, until: at, textOf });
  }

  /** Of everybody: nobody is without an event then. */
  #among({ percent }: RandomCondition): TestSql {
    this.#selections.add('true');
    const place = 'toUInt256(reinterpretAsUInt64(reverse(substring(SHA1(profile_id), 1, 8))))';
    const { parts, of } = shareOf(percent);
    return { test: `${place} * ${of} < toUInt256('${parts << 64n}')`, ofNothing: false };
  }

  #compared({ name, comparison }: TraitCondition): TestSql {
    this.#selections.add("type = 'identify'");
    const [root = ''] = name.split(/[.[]/, 1);
    const isPlain = root === '' || root === name;
    const elements = isPlain ? elementsSql(present(this.#sent(name))) : elementsSql(this.#nested(root, name));
    return {
      test: comparisonAtSql(this.#read.of(elements), comparison, {
        ...{ at: this.#at, textOf: this.texts.textOf },
      }),
      ofNothing: compares(undefined, comparison, this.#at),
    };
  }

  /** A path into a trait comes before a trait whose name has dots. */
  #nested(root: string, name: string): Expression {
    const { textOf } = this.texts;
    const member = (one: string) => {
      const json = this.#sent(one);
      return `toJSONString(${textOf(one)}), ':', if(${json} = '', 'null', ${json})`;
    };
    return valuesAtSql(`concat('{', ${member(root)}, ',', ${member(name)}, '}')`, name, textOf);
  }

  /** The JSON of a trait as its rule has it; empty or `null` where there is none. */
  #sent(name: string): Expression {
    const {
      read,
      fold,
      show = (json: Expression) => json,
    } = SENT_TRAITS[strategyOf(this.options.merges, name)];
    const raw = this.#ofEvents.of(
      `if(type = 'identify', JSONExtractRaw(traits, ${this.texts.textOf(name)}), '')`,
    );
    const folded = this.#ofPeople.of(fold(raw, read ? this.#ofEvents.of(read(raw)) : "''"));
    return show(folded);
  }
}
