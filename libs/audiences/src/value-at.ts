/** The values of a path that went through a list: one of each element that has one. */
export class Several {
  constructor(readonly values: readonly unknown[]) {}
}

const MAX_DIVIDED = 16;

/**
 * The value at a path of dots: a member of nested objects, or else one whose name has these dots. A list on the way
 * stands for each of its elements, and the answer is {@link Several}; a number on the way is a place in a list, from 0,
 * written `a.0.b` or `a[0].b`. Of a name that was sent twice the last counts, as everywhere.
 */
export function valueAt(object: unknown, path: string): unknown {
  if (!path.includes('.') && !path.includes('[')) {
    const value = member(object, path);
    return value === undefined && Array.isArray(object) ? follow(object, [path], 0) : value;
  }
  const whole = member(object, path);
  const names = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  return follow(object, names, 0) ?? whole;
}

function follow(value: unknown, names: readonly string[], from: number): unknown {
  if (from === names.length) return value;
  if (Array.isArray(value)) return followList(value, names, from);
  const last = names.length > MAX_DIVIDED ? from + 1 : names.length;
  let found: unknown;
  for (let to = from + 1; to <= last; to += 1) {
    const next = member(value, names.slice(from, to).join('.'));
    if (next === undefined) continue;
    const reached = follow(next, names, to);
    if (reached !== undefined && reached !== null) return reached;
    found ??= reached;
  }
  return found;
}

function followList(list: readonly unknown[], names: readonly string[], from: number): unknown {
  const name = names[from] ?? '';
  if (/^\d+$/.test(name)) return follow(list[Number(name)], names, from + 1);
  const values = list.flatMap((element) => {
    const found = follow(element, names, from);
    if (found instanceof Several) return found.values;
    return found === undefined || found === null ? [] : [found];
  });
  return values.length === 0 ? undefined : new Several(values);
}

function member(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}
