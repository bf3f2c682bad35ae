export {
  MAX_CONDITIONS,
  MAX_COUNT,
  type AgeOperator,
  type AudienceCondition,
  type AudienceDefinition,
  type CallSelector,
  type Comparison,
  type Condition,
  type CountComparison,
  type DateOperator,
  type EventCondition,
  type ExactNumber,
  type Filter,
  type ListOperator,
  type Literal,
  type OrderOperator,
  type QueryError,
  type RandomCondition,
  type TimelessComparison,
  type TraitCondition,
  type ValueCondition,
} from './definition.js';
export { checkDefinition, errorAtNode, readDefinition } from './definition-check.js';
export { evaluate, type Evaluation } from './evaluation.js';
export type { Facts, TraitFact } from './facts.js';
export { aggregatesOf, conditionsOf, definitionHash, traitNamesOf, wantedBy } from './aggregate.js';
export { aggregateOf } from './event-aggregate.js';
export {
  compileAggregate,
  type EventSelection,
  type EventTest,
  type MatchableEvent,
} from './aggregate-matching.js';
export {
  errorAtCondition,
  MAX_QUERY_LENGTH,
  parseComputedTrait,
  parseQuery,
  parseTrait,
} from './parse-query.js';
export { printQuery } from './query-printer.js';
export { WARNING_CODES, warningsOf, type AudienceWarning } from './warnings.js';
export { valueAt } from './value-at.js';
export { compares, scalarsOf } from './values.js';
export {
  compileValue,
  MAX_BOUND,
  nameOf,
  type Aggregate,
  type AggregateKind,
  type ValueSource,
  type WantedAggregate,
} from './aggregates/typed-aggregate.js';
export { grainOf, type Occurring, type OccurrenceEntry } from './aggregates/aggregate-kinds.js';
export {
  beginAggregate,
  capacityOf,
  foldOccurrence,
  knownOf,
  knownOfAll,
  maxBytesOf,
  mergeBase,
  mergeKnown,
  mergeKnownWithin,
  regenerate,
  type AggregateSeed,
  type FoldedAggregate,
  type KnownAggregate,
} from './aggregates/folded-aggregate.js';
export { MAX_PICKED_BYTES, type PickedEntry } from './aggregates/picked-trait.js';
export {
  aggregatesOfMerge,
  mergedTrait,
  MERGE_STRATEGIES,
  strategyOf,
  type MergedFact,
  type MergedTrait,
  type Merges,
  type MergeStrategy,
} from './merges/merge-strategy.js';
export { isPartOf } from './aggregates/part-check.js';
export {
  lastTimeIn,
  latestOf,
  readEarliest,
  readLatest,
  readTiles,
  readTotal,
  readValues,
  readValueTiles,
  unknownUntil,
  type CountedValue,
  type Occurrences,
  type WindowAt,
  type WindowTotals,
  type WindowValues,
} from './aggregates/read-aggregate.js';
export type {
  Computation,
  ComputedTrait,
  ComputedValue,
  Reducer,
  ReducerValue,
  TraitWindow,
} from './computed/computed-trait.js';
export { computeTrait, type KnownAggregates } from './computed/compute.js';
export { printComputedTrait, printTrait, traitHash } from './computed/print-trait.js';
export {
  bordersOf,
  compareRanked,
  isScore,
  MAX_GROUPS,
  rankedValue,
  rankingFault,
  scoreOf,
  type Borders,
  type DefinedTrait,
  type Score,
  type ScoreGroup,
} from './computed/score.js';
export { aggregatesOfTrait, type WantedByTrait } from './computed/trait-aggregate.js';
export { traitQuery, type TraitQueryOptions } from './sql/trait-query.js';
export {
  explain,
  MOST_EVENTS,
  type Explained,
  type ExplainedEvent,
  type ExplainedTrait,
  type Explanation,
} from './people/explain.js';
export { PersonFacts, type PersonEvent } from './people/person-facts.js';
export { readEventsSql, type ReadEventsSql } from './sql/read-events.js';
export { audienceQuery, type AudienceQueryOptions } from './sql/audience-query.js';
export { valueQuery, type ValueSql } from './sql/value-query.js';
export type { BoundQuery } from './sql/texts.js';
export { groupsQuery } from './sql/groups-query.js';
export { lifecycleQuery, type CalendarInterval, type LifecycleOptions } from './sql/lifecycle-query.js';
export {
  MAX_RESOLVED_CONDITIONS,
  namesIn,
  resolve,
  scoreReadIn,
  type Named,
  type ReferenceFault,
  type Resolved,
} from './resolve.js';
export { namedByWorkspace } from './named.js';
