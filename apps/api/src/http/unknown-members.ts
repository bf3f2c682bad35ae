import { nameAdvice } from '@tributary/kernel';

/** The parts of a JSON Schema that say which members a value has. */
interface MemberSchema {
  readonly properties?: Readonly<Record<string, object>>;
  readonly patternProperties?: Readonly<Record<string, object>>;
  readonly items?: object;
}

/** One place in a body, and what is wrong there. */
export interface MemberProblem {
  readonly field: string;
  readonly message: string;
}

/**
 * Members of a value that its schema does not name, at any depth. Messages that are read from a topic may have them,
 * of a later version; in a request they are misspelt, and would be left out without a word.
 */
export function unknownMembers(schema: object, value: unknown, field = ''): readonly MemberProblem[] {
  const { properties, patternProperties, items }: MemberSchema = schema;
  if (Array.isArray(value)) {
    return items ? value.flatMap((item, i) => unknownMembers(items, item, `${field}[${i}]`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const place = field === '' ? name : `${field}.${name}`;
    if (properties) {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return known
        ? unknownMembers(known, member, place)
        : [unknownField(name, place, Object.keys(properties))];
    }
    return patternProperties ? nameProblems(name, place, Object.keys(patternProperties)) : [];
  });
}

/** A member of which there is none; the advice is by name, the place is the whole path. */
export function unknownField(name: string, field: string, known: readonly string[]): MemberProblem {
  return { field, message: `is no field here; ${nameAdvice(name, known)}` };
}

function nameProblems(name: string, field: string, patterns: readonly string[]): readonly MemberProblem[] {
  if (name.trim() === '') return [{ field: `${field}""`, message: 'is no name: it is empty' }];
  const [pattern] = patterns;
  if (patterns.some((one) => new RegExp(one, 's').test(name))) return [];
  return [{ field, message: `is no name that it may have: expected ${pattern}` }];
}
