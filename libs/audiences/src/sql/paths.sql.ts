import { textSql, type Expression } from './expressions.js';
import type { TextOf } from './texts.js';

/** So many names a path has whose dots may be of names, too; of a longer one, only the whole path is taken for a name. */
const MOST_DIVIDED = 5;
/** Lists in lists in lists are looked into, as deep as this. */
const MOST_NESTED = 4;

/**
 * The values at a path of a JSON object, as `valueAt` finds them: an array of their JSON; several where the path went
 * through a list. Null and what is not there are none.
 */
export function valuesAtSql(object: Expression, path: string, textOf: TextOf = textSql): Expression {
  const whole = present(`JSONExtractRaw(${object}, ${textOf(path)})`);
  if (!path.includes('.') && !path.includes('[')) return whole;
  const names = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  return firstOf([followSql(object, { names, textOf }, 0), whole]);
}

/** The elements of all of them, of lists in lists, too; with whether each is of a list. */
export function elementsSql(values: Expression): Expression {
  const flat = (one: Expression) => `arrayFilter(part -> part != 'null', ${flattenedSql(`[${one}]`)})`;
  return `arrayFlatten(arrayMap(value -> arrayMap(part -> (part, startsWith(value, '[')), ${flat('value')}), ${values}))`;
}

/** Of elements that are texts, numbers or booleans, their JSON. */
export function scalarsSql(values: Expression): Expression {
  return `arrayFilter(part -> part != 'null' AND NOT startsWith(part, '{'), ${flattenedSql(values)})`;
}

/** Lists are taken apart; what is none stays. */
function flattenedSql(values: Expression): Expression {
  let flat = values;
  for (let depth = 0; depth < MOST_NESTED; depth += 1) {
    flat = `arrayFlatten(arrayMap(one -> if(startsWith(one, '['), JSONExtractArrayRaw(one), [one]), ${flat}))`;
  }
  return flat;
}

/** The names of a path, and how they stand in the query. */
interface Path {
  readonly names: readonly string[];
  readonly textOf: TextOf;
}

function followSql(value: Expression, path: Path, from: number): Expression {
  const { names } = path;
  if (from === names.length) return present(value);
  const name = names[from] ?? '';
  const [at, of] = [`at${from}`, `of${from}`];
  const member = membersSql(of, path, from);
  if (/^\d+$/.test(name)) {
    const element = followSql(`JSONExtractArrayRaw(${at})[${Number(name) + 1}]`, path, from + 1);
    const ofObject = `arrayFlatten(arrayMap(${of} -> ${member}, [${at}]))`;
    return `arrayFlatten(arrayMap(${at} -> if(startsWith(${at}, '['), ${element}, ${ofObject}), [${value}]))`;
  }
  return `arrayFlatten(arrayMap(${of} -> ${member}, ${flattenedSql(`[${value}]`)}))`;
}

/** A nested member, or one whose name has dots: the first that is there. */
function membersSql(object: Expression, path: Path, from: number): Expression {
  const { names, textOf } = path;
  const left = names.length - from;
  const lengths = Array.from({ length: left }, (_, i) => i + 1);
  const tried = names.length > MOST_DIVIDED ? [...new Set([1, left])] : lengths;
  return firstOf(
    tried.map((length) => {
      const name = names.slice(from, from + length).join('.');
      return followSql(`JSONExtractRaw(${object}, ${textOf(name)})`, path, from + length);
    }),
  );
}

/** The JSON of a value as an array; empty where there is none, or null. */
export function present(value: Expression): Expression {
  return `arrayFilter(raw -> raw NOT IN ('', 'null'), [${value}])`;
}

function firstOf(all: readonly Expression[]): Expression {
  const [only] = all;
  return all.length === 1 && only !== undefined
    ? only
    : `arrayFirst(found -> notEmpty(found), [${all.join(', ')}])`;
}
