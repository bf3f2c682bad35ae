import Big from 'big.js';
import { grainOf, type Occurring } from '../src/aggregates/aggregate-kinds.js';
import type { ComputedTrait } from '../src/computed/computed-trait.js';
import type { AggregateKind } from '../src/aggregates/typed-aggregate.js';
import { aggregatesOfTrait } from '../src/computed/trait-aggregate.js';
import { compareText } from '../src/values.js';
import { naiveNumbers, naiveOccurrences, naiveTotals, naiveValues } from './naive-aggregates.js';

/** A trait computed anew from all events, by its definition in words; `boundMs` is the longest window that is asked for. */
export function naiveTrait(
  trait: ComputedTrait,
  events: readonly Occurring[],
  at: number,
  boundMs: number,
): unknown {
  const { window } = trait;
  const [
    {
      aggregate: { kind },
    },
  ] = aggregatesOfTrait(trait);
  const isInTiles = kind === 'tiles' || kind === 'value_tiles';
  const grain = grainOf(boundMs);
  const inside = events.filter(({ time }) => {
    if (!window) return true;
    const counted = isInTiles ? Math.floor(time / grain) * grain : time;
    if (!isInTiles) return at < counted + window.toMs;
    return counted + (window.fromMs ?? 0) <= at && at < counted + window.toMs;
  });
  return reduced(trait, kind, inside, at);
}

function reduced(
  { reducer }: ComputedTrait,
  kind: AggregateKind,
  inside: readonly Occurring[],
  at: number,
): unknown {
  const last = () => naiveOccurrences(inside, 'latest')[0];
  const first = () => naiveOccurrences(inside, 'earliest')[0];
  const instant = (event: Occurring | undefined) => event && new Date(event.time).toISOString();
  const seconds = (event: Occurring | undefined) =>
    event && Math.max(0, Math.floor((at - event.time) / 1_000));
  switch (reducer.op) {
    case 'count':
      return inside.length;
    case 'sum':
      return json(naiveTotals(inside).sum);
    case 'avg': {
      const { sum, held } = naiveNumbers(inside);
      return held.length === 0 ? undefined : json(cutOff(sum, held.length));
    }
    case 'min':
      return json(naiveTotals(inside).min);
    case 'max':
      return json(naiveTotals(inside).max);
    case 'mode': {
      const found = counted(inside).filter(({ count }) => count >= reducer.minimumFrequency);
      return best(found, (a, b) => b.count - a.count);
    }
    case 'unique': {
      const texts = counted(inside).map(({ text }) => text);
      return texts.length > 0 ? texts.sort(compareText) : undefined;
    }
    case 'unique_count':
      return counted(inside).length;
    case 'first':
      return kind === 'earliest'
        ? single(first()?.value)
        : best(counted(inside), (a, b) => a.first - b.first);
    case 'last':
      return kind === 'latest' ? single(last()?.value) : best(counted(inside), (a, b) => b.last - a.last);
    case 'first_at':
      return instant(first());
    case 'last_at':
      return instant(last());
    case 'time_since_first':
      return seconds(first());
    case 'time_since_last':
      return seconds(last());
    case 'stage':
      return naiveStage(
        reducer,
        inside.map(({ time }) => time),
        at,
      );
  }
}

function naiveStage(
  { newMs, atRiskMs, dormantMs }: Extract<ComputedTrait['reducer'], { op: 'stage' }>,
  times: readonly number[],
  at: number,
): string | undefined {
  const sorted = [...times].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const silence = at - last;
  if (silence >= dormantMs) return 'dormant';
  if (silence >= atRiskMs) return 'at_risk';
  if (at - first < newMs) return 'new';
  const returns = sorted.filter((time, i) => i > 0 && time - (sorted[i - 1] ?? time) >= dormantMs);
  return returns.some((time) => at - time < newMs) ? 'won_back' : 'active';
}

/** Whole billionths of the quotient, the rest cut off. */
function cutOff(sum: Big, values: number): string {
  const billionths = BigInt(sum.times(1e9).toFixed(0)) / BigInt(values);
  return new Big(billionths.toString()).div(1e9).round(9, Big.roundDown).toFixed();
}

interface Counted {
  readonly text: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

const counted = (events: readonly Occurring[]): Counted[] =>
  [...naiveValues(events)].map(([text, value]) => ({ text, ...value }));

const best = (all: readonly Counted[], order: (a: Counted, b: Counted) => number) =>
  [...all].sort((a, b) => order(a, b) || compareText(a.text, b.text))[0]?.text;

/** A decimal as JSON has it: a number where that says every digit. */
const json = (decimal: string | undefined) =>
  decimal !== undefined && String(Number(decimal)) === decimal ? Number(decimal) : decimal;

/** What one event has as its value, as a text: neither a list nor an object. */
function single(value: unknown): string | undefined {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? String(value).slice(0, 256) : undefined;
}
