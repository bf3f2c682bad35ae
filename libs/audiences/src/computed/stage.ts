import type { KnownAggregate } from '../aggregates/folded-aggregate.js';
import { bordersAround, latestOf } from '../aggregates/read-aggregate.js';
import type { Computation, Silences } from './computed-trait.js';

/** Where a customer is. */
export type Stage = 'new' | 'active' | 'at_risk' | 'dormant' | 'won_back';

/** When a customer was there; times in milliseconds since 1970. */
export interface Presence {
  readonly first: number;
  readonly last: number;
  /** The last event that ended a silence as long as that of a dormant customer. */
  readonly back: number | undefined;
}

/** When a customer was last there, and came back last, as far as the latest events are kept. */
export function silencesOf(known: KnownAggregate, { dormantMs }: Silences): Omit<Presence, 'first'> {
  const times = latestOf(known).map(([time]) => time);
  const back = times.find((time, i) => time - (times[i + 1] ?? time) >= dormantMs);
  return { last: times[0] ?? -Infinity, back };
}

/** By the silence at an instant; it changes by time alone. */
export function stageAt(
  { newMs, atRiskMs, dormantMs }: Silences,
  { first, last, back = -Infinity }: Presence,
  at: number,
): Computation {
  const borders = [last + dormantMs, last + atRiskMs, first + newMs, back + newMs];
  const stages: readonly (readonly [boolean, Stage])[] = [
    [at >= last + dormantMs, 'dormant'],
    [at >= last + atRiskMs, 'at_risk'],
    [at < first + newMs, 'new'],
    [at < back + newMs, 'won_back'],
  ];
  const [, value] = stages.find(([holds]) => holds) ?? [true, 'active' as const];
  return { value, ...bordersAround(borders.filter(Number.isFinite), at) };
}
