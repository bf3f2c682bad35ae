/** What the api says of a plan. */
export interface Plan {
  readonly digest: string;
  readonly summary: Readonly<Record<'created' | 'changed' | 'removed' | 'unchanged' | 'leftAlone', number>>;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly kind: string;
  readonly id: string;
  readonly action: 'create' | 'change' | 'remove';
  readonly before: object | null;
  readonly after: object | null;
}

const SIGNS = { create: '+', change: '~', remove: '-' };

/** A plan as people read it: a line for each definition, and below it what of it is another. */
export function planText({ changes, summary }: Plan): string {
  const { created, changed, removed, unchanged, leftAlone } = summary;
  const counts = `${created} to create, ${changed} to change, ${removed} to remove; ${unchanged} unchanged`;
  const others = leftAlone === 0 ? '' : `, ${leftAlone} not in the files and left alone`;
  return [...changes.map(changeText), `${counts}${others}`].join('\n');
}

function changeText({ kind, id, action, before, after }: PlannedChange): string {
  const title = `${SIGNS[action]} ${nameOf({ kind, id, before, after })}`;
  return [title, ...(action === 'remove' ? [] : differences(before ?? {}, after ?? {}))].join('\n');
}

function nameOf({ kind, id, before, after }: Omit<PlannedChange, 'action'>): string {
  if (kind === 'rules') return kind;
  const { a, b } = (after ?? before ?? {}) as { readonly a?: string; readonly b?: string };
  return `${kind} ${kind === 'split' ? `${plain(a ?? '')} / ${plain(b ?? '')}` : plain(id)}`;
}

function differences(before: object, after: object): readonly string[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const places = [...new Set([...was.keys(), ...is.keys()])];
  return places.flatMap((place) => {
    const [old, now] = [was.get(place), is.get(place)];
    if (old === now) return [];
    return [
      ...(old === undefined ? [] : [`    - ${place}: ${old}`]),
      ...(now === undefined ? [] : [`    + ${place}: ${now}`]),
    ];
  });
}

/** Each value that holds no others, by its place. */
function leavesOf(value: unknown, place = ''): ReadonlyMap<string, string> {
  const isEmpty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isEmpty) return place === '' ? new Map() : new Map([[place, JSON.stringify(value)]]);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const inside = Array.isArray(value) ? `[${name}]` : `${place === '' ? '' : '.'}${plain(name)}`;
    return [...leavesOf(member, `${place}${inside}`)];
  });
  return new Map(members);
}

/** Nothing of it is taken for a command of the terminal. */
function plain(text: string): string {
  const json = JSON.stringify(text).slice(1, -1);
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
