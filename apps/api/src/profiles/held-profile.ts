import type { ProfileMessage } from '@tributary/contracts';
import { toInstant } from '@tributary/kernel';
import type { HttpReply } from '@tributary/service';

/** A profile that was merged is short. */
const MERGED_LENGTH = 1_000;

/** A profile or an account, and as of when it is so. */
export interface HeldJson {
  /** As in `profiles.v1` or `accounts.v1`: JSON. */
  readonly json: string;
  /** Who says so: the processor that owns it, or, while nobody does, the tables. */
  readonly source: 'state' | 'tables';
  /** What came later may not be in it: milliseconds since 1970. Of the tables, when it changed last, as far as they know. */
  readonly asOf: number | undefined;
}

export interface HeldProfile extends HeldJson {
  readonly profileId: string;
}

/** Where a profile was merged into; undefined of one that stands for itself. */
export function mergedIntoOf(json: string): string | undefined {
  if (json.length > MERGED_LENGTH) return undefined;
  return (JSON.parse(json) as { readonly mergedInto?: string }).mergedInto;
}

/** When a profile of the tables was published. */
export function publishedAt(json: string): number | undefined {
  const at = Date.parse(String((JSON.parse(json) as { readonly at?: string }).at));
  return Number.isNaN(at) ? undefined : at;
}

/** As it is answered: as in its topic, with `asOf`. */
export function withAsOf({ json, asOf }: HeldJson): string {
  return asOf === undefined ? json : `${json.slice(0, -1)},"asOf":"${toInstant(asOf)}"}`;
}

export function parsed({ json }: HeldProfile): ProfileMessage {
  return JSON.parse(json) as ProfileMessage;
}

/** Says how old an answer is: `Age`, in whole seconds, and where it comes from. */
export function sayAge(
  reply: HttpReply,
  { source, asOf }: Pick<HeldJson, 'source' | 'asOf'>,
  now: number,
): void {
  reply.header('x-data-source', source);
  if (asOf !== undefined) reply.header('age', String(Math.max(0, Math.floor((now - asOf) / 1_000))));
}
