/** A path in a JSON value: keys of objects, and positions in arrays as text. */
export type Path = readonly string[];

interface Branch {
  isRemoved: boolean;
  readonly children: Map<string, Branch>;
}

/** A copy of a JSON value without what the paths name; what no path touches is shared with the original. */
export function without<T>(value: T, paths: readonly Path[]): T {
  const root = branch();
  for (const path of paths) {
    let at = root;
    for (const part of path) {
      const next = at.children.get(part) ?? branch();
      at.children.set(part, next);
      at = next;
    }
    at.isRemoved = true;
  }
  return pruned(value, root) as T;
}

function branch(): Branch {
  return { isRemoved: false, children: new Map() };
}

/** Positions are those of the original: all of an array's are removed at once. */
function pruned(value: unknown, { children }: Branch): unknown {
  if (children.size === 0 || typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, item]) => {
    const child = children.get(key);
    if (!child) return [[key, item] as const];
    return child.isRemoved ? [] : [[key, pruned(item, child)] as const];
  });
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}
