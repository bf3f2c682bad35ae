export { batchContextOf, type BatchContext } from './batch-context.js';
export { isBlocked } from './blocked-values.js';
export { REASON_CODES, type Reason, type ReasonCode } from './errors.js';
export { CALL_TYPES, LIMITS, type CallType, type Event, type JsonObject } from './event.js';
export { identifiersOf, type Named } from './identifiers.js';
export { isJsonObject } from './json.js';
export { normalise, type CallContext } from './normalise.js';
export { REASON_MEANINGS } from './reason-meanings.js';
export { correctedTime, parseInstant } from './timestamps.js';
