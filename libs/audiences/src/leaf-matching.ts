import type { Filter } from './definition.js';
import type { EventLeaf } from './leaf.js';
import { valueAt } from './value-at.js';
import { compares } from './values.js';

/** What a leaf looks at in a call. */
export interface MatchableEvent {
  readonly type: string;
  readonly event?: string | undefined;
  readonly name?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly traits?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** A test of calls, made once for each leaf. */
export type EventTest = (event: MatchableEvent) => boolean;

/** Makes the test of whether a call is one of the leaf's. It never throws, whatever the customer's data hold. */
export function compileLeaf(leaf: Pick<EventLeaf, 'call' | 'name' | 'where'>): EventTest {
  const selects = compileSelector(leaf);
  if (!leaf.where) return selects;
  const passes = compileFilter(leaf.where);
  return (event) => selects(event) && passes(event);
}

/** Whether a call is one of the leaf's. For many calls, use {@link compileLeaf}. */
export function leafMatches(
  leaf: Pick<EventLeaf, 'call' | 'name' | 'where'>,
  event: MatchableEvent,
): boolean {
  return compileLeaf(leaf)(event);
}

function compileSelector({ call, name }: Pick<EventLeaf, 'call' | 'name'>): EventTest {
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

function propertiesOf(event: MatchableEvent): Readonly<Record<string, unknown>> | undefined {
  return event.type === 'identify' || event.type === 'group' ? event.traits : event.properties;
}
