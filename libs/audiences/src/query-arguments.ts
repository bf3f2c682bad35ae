import { nearestName } from '@tributary/kernel';
import { MAX_WITHIN_MS, UNIT_NAMES, unitMs } from './durations.js';
import { describe, QueryFault, type Argument, type Call } from './query-syntax.js';

/** The fault of a name that is not known here, or not built yet. */
export function unknown(
  what: string,
  call: Call,
  known: readonly string[],
  later: readonly string[],
): QueryFault {
  if (later.includes(call.name)) return new QueryFault(`${call.name}(…) is not supported yet`, call.at);
  const nearest = nearestName(call.name, [...known, ...later]);
  const isLater = nearest !== undefined && later.includes(nearest);
  const advice =
    nearest === undefined
      ? `expected one of ${known.join(', ')}`
      : isLater
        ? `"${nearest}" is not supported yet; expected one of ${known.join(', ')}`
        : `did you mean "${nearest}"?`;
  return new QueryFault(`unknown ${what} "${call.name}"; ${advice}`, call.at);
}

/** The one text that a call takes: `event('Name')`. */
export function onlyText(call: Call): string {
  const [argument, excess] = call.args;
  if (!argument) throw new QueryFault(`expected a text in ${call.name}(…)`, call.at);
  if (excess) throw new QueryFault(`${call.name}(…) takes one text`, excess.at);
  refuseLabel(call, argument);
  const { value } = argument;
  if (value.kind === 'literal' && typeof value.value === 'string' && value.value !== '') return value.value;
  const found = value.kind === 'literal' && value.value === '' ? 'an empty text' : describe(value);
  throw new QueryFault(`${call.name}(…) takes a text in quotes, not ${found}`, value.at);
}

/** The window of `within(7 days)`, in milliseconds. */
export function windowOf(call: Call): number {
  const [argument, excess] = call.args;
  const example = 'a time without quotes, such as 7 days';
  if (!argument) throw new QueryFault(`expected ${example} in ${call.name}(…)`, call.at);
  if (excess) throw new QueryFault(`${call.name}(…) takes ${example}`, excess.at);
  refuseLabel(call, argument);
  const { value } = argument;
  if (value.kind !== 'duration') {
    throw new QueryFault(`${call.name}(…) takes ${example}, not ${describe(value)}`, value.at);
  }
  const unit = unitMs(value.unit);
  if (unit === undefined) {
    const nearest = nearestName(value.unit, UNIT_NAMES);
    const advice = nearest ? `did you mean "${nearest}"?` : `expected one of ${UNIT_NAMES.join(', ')}`;
    throw new QueryFault(`unknown unit "${value.unit}"; ${advice}`, value.at);
  }
  const ms = value.amount * unit;
  if (ms >= 1_000 && ms <= MAX_WITHIN_MS && ms % 1_000 === 0) return ms;
  throw new QueryFault(
    `a window is a whole number of seconds, at least one, and at most 10000 days; found ${describe(value)}`,
    value.at,
  );
}

/** Labels and `as` belong to parts of the language that are not built yet. */
export function refuseLabel(call: Call, argument: Argument): void {
  if (argument.label !== undefined) {
    throw new QueryFault(`${call.name}(${argument.label}: …) is not supported yet`, argument.at);
  }
  if (argument.as !== undefined)
    throw new QueryFault(`"as ${argument.as}" is not supported yet`, argument.at);
}
