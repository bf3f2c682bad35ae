import type { Identifier } from '@tributary/kernel';
import type { ResolverState } from './resolver-state.js';

/** These partners are answered; says whether any was waited for. */
export function forget({ pending }: ResolverState, partners: readonly Identifier[]): boolean {
  let isAny = false;
  for (const partner of partners) {
    if (!(partner in pending)) continue;
    Reflect.deleteProperty(pending, partner);
    isAny = true;
  }
  return isAny;
}

/** The offset of the identifier's own events up to which all new pairs are answered, as far as it has a use to say so. */
export function resolvedThrough({ pending, through }: ResolverState): number {
  let least = Infinity;
  for (const offset of Object.values(pending)) least = Math.min(least, offset);
  return least === Infinity ? through : least - 1;
}
