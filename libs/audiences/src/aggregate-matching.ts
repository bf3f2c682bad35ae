import type { CallSelector, Filter } from './definition.js';
import { valueAt } from './value-at.js';
import { compares } from './values.js';

/** What an aggregate looks at in a call. */
export interface MatchableEvent {
  readonly type: string;
  readonly event?: string | undefined;
  readonly name?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly traits?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** Which events an aggregate is about. */
export interface EventSelection {
  readonly call: CallSelector;
  /** The event of a track call, or the name of a page or screen; any unless given. */
  readonly name?: string;
  readonly where?: Filter;
}

/** A test of calls, made once for each aggregate. */
export type EventTest = (event: MatchableEvent) => boolean;

/** Makes the test of whether a call is one of the aggregate's. It never throws, whatever the customer's data hold. */
export function compileAggregate(
  aggregate: EventSelection & { readonly value?: { readonly from: string; readonly path: string } },
): EventTest {
  const { value } = aggregate;
  if (value?.from === 'trait') return (event) => (traitIn(event, value.path) ?? null) !== null;
  const selects = compileSelector(aggregate);
  if (!aggregate.where) return selects;
  const passes = compileFilter(aggregate.where);
  return (event) => selects(event) && passes(event);
}

function compileSelector({ call, name }: EventSelection): EventTest {
  if (call === 'any') return () => true;
  if (name === undefined) return (event) => event.type === call;
  if (call === 'track') return (event) => event.type === 'track' && event.event === name;
  return (event) => event.type === call && event.name === name;
}

function compileFilter(filter: Filter): EventTest {
  switch (filter.kind) {
    case 'and': {
      const tests = filter.operands.map(compileFilter);
      return (event) => tests.every((test) => test(event));
    }
    case 'or': {
      const tests = filter.operands.map(compileFilter);
      return (event) => tests.some((test) => test(event));
    }
    case 'not': {
      const test = compileFilter(filter.operand);
      return (event) => !test(event);
    }
    case 'context':
      return (event) => compares(valueAt(event.context, filter.path), filter.comparison);
    case 'property':
      return (event) => compares(valueAt(propertiesOf(event), filter.path), filter.comparison);
  }
}

/** A trait as an identify call names it: its name is no path. Undefined where it has none. */
export function traitIn({ type, traits }: MatchableEvent, name: string): unknown {
  return type === 'identify' && traits && Object.hasOwn(traits, name) ? traits[name] : undefined;
}

/** What `property` reads of a call. */
export function propertiesOf(event: MatchableEvent): Readonly<Record<string, unknown>> | undefined {
  return event.type === 'identify' || event.type === 'group' ? event.traits : event.properties;
}
