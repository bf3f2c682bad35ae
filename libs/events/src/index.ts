export { batchContextOf, type BatchContext } from './batch-context.js';
export { isBlocked } from './blocked-values.js';
export type { DeduplicateBy } from './deduplication.js';
export { REASON_CODES, type Reason, type ReasonCode } from './errors.js';
export { CALL_TYPES, LIMITS, type CallType, type Event, type JsonObject } from './event.js';
export { parseExactly, wasNumber } from './exact-json.js';
export { compileExpression, EXPRESSION_LIMITS, type Expression } from './expression.js';
export { FLAG_MEANINGS } from './flag-meanings.js';
export { FLAG_CODES, type Flag, type FlagCode } from './flags.js';
export type { IdentifierKeys } from './identifier-keys.js';
export { identifiersOf, namedIn, type Named, type Naming } from './identifiers.js';
export { isJsonObject } from './json.js';
export {
  CAST_TARGETS,
  compileMapping,
  MAX_OPERATIONS,
  type CastTarget,
  type Mapping,
  type MappingError,
  type MappingOperation,
} from './mapping.js';
export { normalise, type CallContext } from './normalise.js';
export { FORMATS, type Format } from './formats.js';
export {
  namespaceReader,
  normaliser,
  type NamespaceReader,
  type NormalisationStep,
  type Normaliser,
  type NormaliserOf,
  type ReadValue,
  type ValueRule,
} from './normaliser.js';
export { CallSlices } from './slices/call-slices.js';
export { jsonFault, type JsonFault } from './slices/json-fault.js';
export { nearBatch, nearText, type NearBatch } from './slices/near-batch.js';
export { sliceRequest, type RequestSlices } from './slices/request-slices.js';
export { CallSlicer, type SliceContext, type WrittenEvent } from './slices/slice-call.js';
export { REASON_MEANINGS } from './reason-meanings.js';
export { correctedTime, DEFAULT_CLOCK_TOLERANCE_MS, parseInstant, readInstant } from './timestamps.js';
export { compileWebhook, type Webhook, type WebhookError, type WebhookRules } from './webhook.js';
