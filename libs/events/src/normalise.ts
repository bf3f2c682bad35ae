import { failed, ok, type Result } from '@tributary/kernel';
import type { BatchContext } from './batch-context.js';
import { reason, type Reason } from './errors.js';
import { deduplicationIdOf, type DeduplicateBy } from './deduplication.js';
import { CALL_TYPES, LIMITS, type CallType, type Event, type JsonObject } from './event.js';
import { contextFields, isEmptyArray } from './context-fields.js';
import { flag, flaggedText, hasSurroundingSpace, withFlags, type Flag } from './flags.js';
import type { IdentifierKeys } from './identifier-keys.js';
import { identifiersOf, idText } from './identifiers.js';
import { instantText } from './instant-text.js';
import { isJsonObject, mendedJson, TOO_DEEP } from './json.js';
import type { NormaliserOf } from './normaliser.js';
import { requiredFields } from './required-fields.js';
import { correctedTime, isWrittenAsTime, readInstant } from './timestamps.js';

/** What the server knows of a call beside the call itself. Times in milliseconds since 1970. */
export interface CallContext {
  readonly workspaceId: string;
  readonly sourceId: string;
  readonly receivedAt: number;
  /** The call's place among what this process received in the same millisecond. */
  readonly sequence: number;
  /** When the client sent the request, where the call does not say. */
  readonly sentAt?: number;
  /** The batch's context ({@link batchContextOf}): its top-level fields, where the call's own context has none. */
  readonly batchContext?: BatchContext;
  /** How far the client's clock may be wrong before times are corrected for it. */
  readonly clockToleranceMs?: number;
  /** How the identifiers of a namespace are written. */
  readonly normaliserOf: NormaliserOf;
  /** Makes an id for a call without one. */
  readonly newMessageId: () => string;
  /** The address of the person's device, where the request came from one. */
  readonly ip?: string;
  /** The user agent of the person's device, where the request came from one. */
  readonly userAgent?: string;
  /** Bytes of the request that the call came in: no call in a small request is too large, so none is measured. */
  readonly requestBytes?: number;
  /** Traits and properties of this source that are identifiers; the same object for call after call. */
  readonly identifierKeys?: IdentifierKeys;
  /** The properties of this source that identify events. */
  readonly deduplicateBy?: DeduplicateBy;
  /** What is read from a file happened long before: its times are taken as they are, whenever it was sent. */
  readonly keepsTime?: boolean;
}

/**
 * Makes an event of one call, or says all that is wrong with it. Takes any JSON and never throws.
 *
 * - The time is corrected where the client's clock is wrong ({@link correctedTime}); a `timestamp` that cannot be read is a
 *   reason, since an event at a wrong time would be counted in wrong windows; a `sentAt` that cannot be read corrects
 *   nothing.
 * - Ids that are numbers become text. A missing `messageId` is made.
 * - Identifiers as {@link identifiersOf} finds them; a call without any is refused. The fields stay as they came.
 * - The category of a page or a screen is a property, wherever the call has it.
 * - An identify call without `traits` has those of its context, where RudderStack's SDKs put them.
 * - What looks wrong and is no reason to refuse is kept, and named in `context.tributary.flags` ({@link Flag}); it is
 *   added to `flags` too, also where the call is refused for something else.
 * - JSON is mended so that all who read it read the same ({@link mendedJson}); top-level fields that no call has are
 *   dropped.
 */
export function normalise(
  call: unknown,
  context: CallContext,
  flags: Flag[] = [],
): Result<Event, readonly Reason[]> {
  const cleaned = mendedJson(call, flags);
  if (cleaned === TOO_DEEP) {
    return failed([reason('nested_too_deep', '', `nested deeper than ${LIMITS.depth} levels`)]);
  }
  if (!isJsonObject(cleaned)) return failed([reason('not_an_object', '', 'a call is a JSON object')]);
  if (isTooLarge(call, context)) {
    return failed([reason('event_too_large', '', `larger than ${LIMITS.eventBytes} bytes`)]);
  }
  const type = cleaned.type;
  if (!isCallType(type)) {
    return failed([reason('unknown_type', 'type', `expected one of ${CALL_TYPES.join(', ')}`)]);
  }
  const reasons: Reason[] = [];
  const event = read(cleaned, type, context, { reasons, flags });
  requiredFields(event, flags, reasons);
  if (flags.length > 0) event.context = withFlags(event.context, flags);
  return reasons.length > 0 ? failed(reasons) : ok(event);
}

function isCallType(type: unknown): type is CallType {
  return (CALL_TYPES as readonly unknown[]).includes(type);
}

function isTooLarge(call: unknown, { requestBytes = Infinity, batchContext }: CallContext): boolean {
  if (requestBytes <= LIMITS.eventBytes) return false;
  const json = JSON.stringify(call);
  const left = LIMITS.eventBytes - (batchContext?.bytes ?? 0);
  return json.length > left || (json.length * 3 > left && Buffer.byteLength(json) > left);
}

/** What is found out about a call on the way: why it is not accepted, and what looks wrong. */
interface Findings {
  readonly reasons: Reason[];
  readonly flags: Flag[];
}

function read(call: JsonObject, type: CallType, server: CallContext, findings: Findings): Event {
  const { reasons, flags } = findings;
  const event: Event = {
    workspaceId: server.workspaceId,
    sourceId: server.sourceId,
    type,
    messageId: messageIdOf(call, server, findings),
    context: contextOf(call, server, findings),
    timestamp: '',
    receivedAt: instantText(server.receivedAt),
    sequence: server.sequence,
    identifiers: [],
  };
  for (const field of TEXTS) {
    const value = textField(call, field, findings);
    if (value !== undefined) event[field] = value;
  }
  for (const field of OBJECTS) {
    const value = objectField(call, field, reasons);
    if (value !== undefined) event[field] = value;
  }
  keepCategory(event, call.category);
  if (type === 'identify' && !event.traits && isJsonObject(event.context.traits)) {
    event.traits = event.context.traits;
  }
  setTimes(event, call, server, findings);
  const deduplicationId = server.deduplicateBy && deduplicationIdOf(event, server.deduplicateBy);
  if (deduplicationId !== undefined) event.deduplicationId = deduplicationId;
  if (event.event !== undefined && hasSurroundingSpace(event.event))
    flag(flags, 'surrounding_space', 'event');
  if (event.groupId !== undefined) flaggedText(flags, event.groupId, 'groupId');
  event.identifiers = identifiersOf(
    event,
    { normaliserOf: server.normaliserOf, keys: server.identifierKeys },
    flags,
  );
  return event;
}

const TEXTS = ['event', 'name', 'userId', 'anonymousId', 'previousId', 'groupId'] as const;
const OBJECTS = ['properties', 'traits'] as const;

function textField(call: JsonObject, field: string, { reasons }: Findings): string | undefined {
  const value = call[field];
  if (value === undefined || value === null) return undefined;
  const text = idText(value);
  if (text === undefined) reasons.push(reason('invalid_field', field, 'expected text or a number'));
  return text === '' ? undefined : text;
}

function objectField(call: JsonObject, field: string, reasons: Reason[]): JsonObject | undefined {
  const value = call[field];
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) return value;
  // What PHP makes of an empty object.
  if (isEmptyArray(value)) return {};
  reasons.push(reason('invalid_field', field, 'expected an object'));
  return undefined;
}

function keepCategory(event: Event, category: unknown): void {
  if (typeof category !== 'string' || (event.type !== 'page' && event.type !== 'screen')) return;
  if (event.properties?.category === undefined) event.properties = { ...event.properties, category };
}

function messageIdOf(call: JsonObject, server: CallContext, findings: Findings): string {
  const { reasons } = findings;
  const messageId = textField(call, 'messageId', findings);
  if (messageId === undefined) return server.newMessageId();
  if (messageId.length > LIMITS.messageIdLength) {
    const message = `longer than ${LIMITS.messageIdLength} characters`;
    reasons.push(reason('message_id_too_long', 'messageId', message));
  }
  return messageId;
}

function contextOf(call: JsonObject, server: CallContext, { reasons, flags }: Findings): JsonObject {
  const given = objectField(call, 'context', reasons);
  const own = given && contextFields(given, flags);
  for (const one of server.batchContext?.flags ?? []) flag(flags, one.code, one.field);
  const { ip, userAgent } = server;
  const batchContext = server.batchContext?.fields;
  const fillIp = ip !== undefined && (own?.ip ?? batchContext?.ip) === undefined;
  const fillAgent = userAgent !== undefined && (own?.userAgent ?? batchContext?.userAgent) === undefined;
  if (!batchContext && !fillIp && !fillAgent) return own ?? {};
  const merged: JsonObject = { ...batchContext, ...own };
  if (fillIp) merged.ip = ip;
  if (fillAgent) merged.userAgent = userAgent;
  return merged;
}

const NO_SUCH_TIME = 'expected an instant that there is, such as 2026-01-02T03:04:05.678Z';
const NO_TIME = 'cannot be read as a time; expected ISO 8601 such as 2026-11-28T10:00:00Z';

function setTimes(event: Event, call: JsonObject, server: CallContext, { reasons, flags }: Findings): void {
  const field = isGiven(call.timestamp) ? 'timestamp' : 'originalTimestamp';
  const original = timeField(call, field, flags);
  if (original === undefined && isGiven(call[field])) {
    reasons.push(reason('invalid_timestamp', field, isWrittenAsTime(call[field]) ? NO_SUCH_TIME : NO_TIME));
  }
  const ownSentAt = timeField(call, 'sentAt', flags);
  const sentAt = ownSentAt ?? server.sentAt;
  const { receivedAt, keepsTime, clockToleranceMs } = server;
  const time = correctedTime(receivedAt, original, keepsTime ? undefined : sentAt, clockToleranceMs);
  event.timestamp = instantText(time.at);
  if (ownSentAt === undefined && isGiven(call.sentAt)) flag(flags, 'unreadable_time', 'sentAt');
  if (time.corrected) flag(flags, 'clock_corrected', field);
  if (time.disbelieved) flag(flags, 'implausible_sent_at', 'sentAt');
  if (time.inFuture) flag(flags, 'time_in_future', field);
  if (original !== undefined) event.originalTimestamp = instantText(original);
  if (sentAt !== undefined) event.sentAt = instantText(sentAt);
}

function timeField(call: JsonObject, field: string, flags: Flag[]): number | undefined {
  const read = readInstant(call[field]);
  if (read?.bySize) flag(flags, 'time_unit_guessed', field);
  return read?.at;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
