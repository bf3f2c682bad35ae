import { failed, ok, type Result } from '@tributary/kernel';

/** The names on the way to a field; of array items, their places. */
export type Path = readonly string[];

const MAX_STEPS = 20;

/** Reads `a.b.c`, or a JSON Pointer (RFC 6901) `/a/b.c/0`, which also reaches names with dots. */
export function parsePath(text: string): Result<Path, string> {
  const pointer = text.startsWith('/');
  if (pointer && /~(?![01])/.test(text)) return failed(`"${text}" has a ~ that is neither ~0 nor ~1`);
  const steps = pointer ? text.slice(1).split('/').map(unescaped) : text.split('.');
  if (steps.some((step) => step === '')) {
    return failed(`"${text}" is no path: expected properties.total, or a JSON Pointer /properties/total`);
  }
  if (steps.includes('__proto__')) return failed(`"${text}": no field may be called __proto__`);
  if (steps.length > MAX_STEPS) return failed(`"${text}" has more than ${MAX_STEPS} steps`);
  return ok(steps);
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
