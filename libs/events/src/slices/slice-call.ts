import type { Identifier } from '@tributary/kernel';
import { CALL_TYPES, LIMITS, type CallType, type JsonObject } from '../event.js';
import { flaggedText, hasSurroundingSpace, type Flag } from '../flags.js';
import { identifiersOf, type Named } from '../identifiers.js';
import { instantText } from '../instant-text.js';
import type { NormaliserOf } from '../normaliser.js';
import { correctedTime, readInstant } from '../timestamps.js';
import { CALL_FIELDS, CONTEXT_FIELDS, type CallSlices } from './call-slices.js';
import { plainText } from './plain-text.js';
import { behindSpace } from './scan-json.js';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
const COMMA = 0x2c;
const NULL = 0x6e;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DEL = 0x7f;
const EMPTY_TEXT = 2;
/** Of `\n` and of `\u0020`. */
const SHORT_ESCAPE = 2;
const LONG_ESCAPE = 6;

/** An event as it goes into the log, and what of it is said beside it. */
export interface WrittenEvent {
  readonly type: CallType;
  readonly messageId: string;
  readonly deduplicationId?: string;
  /** RFC 3339 with milliseconds in UTC. */
  readonly receivedAt: string;
  /** The first one is the primary one. */
  readonly identifiers: readonly Identifier[];
  /** The same as a JSON array. */
  readonly identifiersText: string;
  readonly json: Buffer;
}

/** What the server knows beside the call. Times in milliseconds since 1970. */
export interface SliceContext {
  /** The event's first fields as JSON without the closing brace: `{"workspaceId":…,"sourceId":…`. */
  readonly head: string;
  readonly receivedAt: number;
  /** The place of the first call among what this process received in the same millisecond. */
  readonly sequence: number;
  readonly sentAt?: number | undefined;
  /** How far the client's clock may be wrong before times are corrected for it. */
  readonly clockToleranceMs?: number | undefined;
  /** How the identifiers of a namespace are written. */
  readonly normaliserOf: NormaliserOf;
  /** The type of the route's one call, whatever the call itself says. */
  readonly type?: CallType | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

const TYPE = CALL_FIELDS.indexOf('type');
const MESSAGE_ID = CALL_FIELDS.indexOf('messageId');
const USER_ID = CALL_FIELDS.indexOf('userId');
const ANONYMOUS_ID = CALL_FIELDS.indexOf('anonymousId');
const PREVIOUS_ID = CALL_FIELDS.indexOf('previousId');
const EVENT = CALL_FIELDS.indexOf('event');
const GROUP_ID = CALL_FIELDS.indexOf('groupId');
const TRAITS = CALL_FIELDS.indexOf('traits');
const CONTEXT = CALL_FIELDS.indexOf('context');
const TIMESTAMP = CALL_FIELDS.indexOf('timestamp');
const ORIGINAL_TIMESTAMP = CALL_FIELDS.indexOf('originalTimestamp');
const SENT_AT = CALL_FIELDS.indexOf('sentAt');
const CATEGORY = CALL_FIELDS.indexOf('category');
const TEXTS = (['messageId', 'event', 'name', 'userId', 'anonymousId', 'previousId', 'groupId'] as const).map(
  (name) => CALL_FIELDS.indexOf(name),
);
const OBJECTS = (['properties', 'traits', 'context'] as const).map((name) => CALL_FIELDS.indexOf(name));
const KEPT = [TYPE, ...TEXTS, ...OBJECTS];
const [CONTEXT_TRAITS = 0, EXTERNAL_IDS = 0, DEVICE = 0, OS = 0, IP = 0, USER_AGENT = 0, RESERVED = 0] =
  CONTEXT_FIELDS.map((_, i) => CALL_FIELDS.length + i);
/** Of a context: none of them is an array, which may stand for an empty object. */
const NO_ARRAYS = [CONTEXT_TRAITS, DEVICE, OS];

/** By the product of the first character and the length between quotes, which no two of them share. */
const TYPES = new Map(
  CALL_TYPES.map((type) => [
    type.charCodeAt(0) * (type.length + 2),
    { type, quoted: Buffer.from(`"${type}"`) },
  ]),
);

function isAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

function isGraphic(byte: number): boolean {
  return byte > SPACE && byte < DEL && byte !== BACKSLASH;
}

/**
 * Makes of a call the JSON of its event without reading it in full: the customer's objects go over as the bytes that
 * they are. What `normalise` and `JSON.stringify` make of the same call reads alike. Undefined for a call that is not
 * accepted, or not as plain as those of the usual SDKs: that is for `normalise` to say.
 */
export class CallSlicer {
  readonly #runs = new Int32Array(2 * CALL_FIELDS.length);
  #runCount = 0;
  #runBytes = 0;
  readonly #receivedAt: string;
  /** When and in which order they were received, but for the number itself. */
  readonly #received: string;
  /** The front of each event: what they have in common. */
  readonly #front: Buffer;

  constructor(
    private readonly bytes: Buffer,
    private readonly slices: CallSlices,
    private readonly server: SliceContext,
  ) {
    const { head, type, receivedAt } = server;
    this.#receivedAt = instantText(receivedAt);
    this.#received = `"receivedAt":"${this.#receivedAt}","sequence":`;
    this.#front = Buffer.from(type === undefined ? head : `${head},"type":"${type}"`);
  }

  slice(call: number): WrittenEvent | undefined {
    const { slices, server } = this;
    if (slices.end(call) - slices.start(call) > LIMITS.eventBytes) return undefined;
    const type = server.type ?? this.#typeOf(call);
    const messageId = this.#text(call, MESSAGE_ID);
    if (!type || !messageId || messageId.length > LIMITS.messageIdLength || !this.#isPlain(call))
      return undefined;
    const named = this.#namedOf(call, type);
    const groupId = this.#idOf(call, GROUP_ID);
    if (!named || groupId === undefined || !this.#isComplete(call, named)) return undefined;
    const times = this.#times(call);
    if (times === undefined) return undefined;
    const fill = this.#fill(call);
    if (fill === undefined) return undefined;
    const flags: Flag[] = [];
    const identifiers = identifiersOf(named, server, flags);
    flaggedText(flags, messageId, 'messageId');
    flaggedText(flags, groupId, 'groupId');
    if (this.#hasSpaceAround(call, EVENT)) return undefined;
    if (identifiers.length === 0 || flags.length > 0) return undefined;
    const identifiersText = JSON.stringify(identifiers);
    const tail = `,${times}${this.#received}${server.sequence + call},"identifiers":${identifiersText}}`;
    const json = this.#write(call, fill, tail);
    return { type, messageId, receivedAt: this.#receivedAt, identifiers, identifiersText, json };
  }

  /** Undefined where the field is missing, null or no plain text. */
  #text(call: number, field: number): string | undefined {
    const { slices, bytes } = this;
    if (slices.keyAt(call, field) === 0) return undefined;
    return plainText(bytes, slices.valueAt(call, field), slices.valueEnd(call, field));
  }

  #typeOf(call: number): CallType | undefined {
    const { slices, bytes } = this;
    const at = slices.valueAt(call, TYPE);
    const known = TYPES.get((bytes[at + 1] ?? 0) * (slices.valueEnd(call, TYPE) - at));
    return known !== undefined && isAt(bytes, at, known.quoted) ? known.type : undefined;
  }

  #isGiven(call: number, field: number): boolean {
    const { slices, bytes } = this;
    return slices.keyAt(call, field) !== 0 && bytes[slices.valueAt(call, field)] !== NULL;
  }

  /** Whether each field is of its kind, or null. */
  #isPlain(call: number): boolean {
    for (const field of TEXTS) if (!this.#isOfKind(call, field, QUOTE)) return false;
    for (const field of OBJECTS) if (!this.#isOfKind(call, field, OPEN_BRACE)) return false;
    const { bytes, slices } = this;
    for (const field of NO_ARRAYS) if (bytes[slices.valueAt(call, field)] === OPEN_BRACKET) return false;
    return slices.keyAt(call, RESERVED) === 0;
  }

  #isOfKind(call: number, field: number, first: number): boolean {
    return !this.#isGiven(call, field) || this.bytes[this.slices.valueAt(call, field)] === first;
  }

  #isEmptyText(call: number, field: number): boolean {
    const at = this.slices.valueAt(call, field);
    return this.bytes[at] === QUOTE && this.slices.valueEnd(call, field) - at === EMPTY_TEXT;
  }

  /** Looks at the ends alone, and reads the text where these could be white space. */
  #hasSpaceAround(call: number, field: number): boolean {
    if (!this.#isNamed(call, field)) return false;
    const { bytes, slices } = this;
    const [first, last] = [slices.valueAt(call, field) + 1, slices.valueEnd(call, field) - 2];
    const isPlain = (at: number) => isGraphic(bytes[at] ?? 0);
    const isEscaped = (length: number) => bytes[last + 1 - length] === BACKSLASH;
    if (isPlain(first) && isPlain(last) && !isEscaped(SHORT_ESCAPE) && !isEscaped(LONG_ESCAPE)) return false;
    return hasSurroundingSpace(this.#parsed(call, field) as string);
  }

  #isNamed(call: number, field: number): boolean {
    return this.#isGiven(call, field) && !this.#isEmptyText(call, field);
  }

  /** What of the call names a person; undefined where an id is not plain, or too long. */
  #namedOf(call: number, type: CallType): Named | undefined {
    const userId = this.#idOf(call, USER_ID);
    const anonymousId = this.#idOf(call, ANONYMOUS_ID);
    const previousId = this.#idOf(call, PREVIOUS_ID);
    if (userId === undefined || anonymousId === undefined || previousId === undefined) return undefined;
    const traits = type === 'group' ? undefined : (this.#parsed(call, TRAITS) as JsonObject | undefined);
    return {
      type,
      userId: userId || undefined,
      anonymousId: anonymousId || undefined,
      previousId: previousId || undefined,
      traits,
      context: this.#namingContext(call),
    };
  }

  /** Empty where the call has no such id. */
  #idOf(call: number, field: number): string | undefined {
    if (!this.#isGiven(call, field)) return '';
    const text = this.#text(call, field);
    return text !== undefined && text.length <= LIMITS.identifierBytes ? text : undefined;
  }

  #namingContext(call: number): JsonObject {
    const context: JsonObject = {};
    if (this.#isGiven(call, CONTEXT_TRAITS)) context.traits = this.#parsed(call, CONTEXT_TRAITS);
    if (this.#isGiven(call, EXTERNAL_IDS)) context.externalIds = this.#parsed(call, EXTERNAL_IDS);
    if (this.#isGiven(call, DEVICE)) {
      context.device = this.#parsed(call, DEVICE);
      context.os = this.#parsed(call, OS);
    }
    return context;
  }

  #parsed(call: number, field: number): unknown {
    if (!this.#isGiven(call, field)) return undefined;
    const { slices, bytes } = this;
    return JSON.parse(bytes.toString('utf8', slices.valueAt(call, field), slices.valueEnd(call, field)));
  }

  #isComplete(call: number, { type, userId, previousId, traits }: Named): boolean {
    // Where RudderStack's SDKs put the traits, normalise takes them from.
    if (type === 'identify') return traits !== undefined || !this.#isGiven(call, CONTEXT_TRAITS);
    if (type === 'track') return this.#isNamed(call, EVENT);
    if (type === 'group') return this.#isNamed(call, GROUP_ID);
    if (type === 'page' || type === 'screen') return this.slices.keyAt(call, CATEGORY) === 0;
    return userId !== undefined && previousId !== undefined;
  }

  /** The times as JSON fields, each with a comma behind it. */
  #times(call: number): string | undefined {
    const { receivedAt } = this.server;
    const original = this.#timeOf(call, this.#isNamed(call, TIMESTAMP) ? TIMESTAMP : ORIGINAL_TIMESTAMP);
    const own = this.#timeOf(call, SENT_AT);
    if (original === undefined || own === undefined) return undefined;
    const sentAt = own ?? this.server.sentAt;
    const time = correctedTime(receivedAt, original ?? undefined, sentAt, this.server.clockToleranceMs);
    // Normalise says in the event that a clock is wrong.
    if (time.corrected || time.disbelieved || time.inFuture) return undefined;
    const at = instantText(time.at);
    const ofOriginal = original === null ? '' : `"originalTimestamp":"${instantText(original)}",`;
    const ofSentAt = sentAt === undefined ? '' : `"sentAt":"${instantText(sentAt)}",`;
    return `"timestamp":"${at}",${ofOriginal}${ofSentAt}`;
  }

  /** Null where there is none; undefined where it cannot be read. */
  #timeOf(call: number, field: number): number | null | undefined {
    if (!this.#isGiven(call, field)) return null;
    const text = this.#text(call, field);
    if (text === undefined) return undefined;
    if (text === '') return null;
    const read = readInstant(text);
    return read?.bySize ? undefined : read?.at;
  }

  /** What the server adds to the context, as JSON fields; undefined where a field that it would fill is null. */
  #fill(call: number): string | undefined {
    const ip = this.#added(call, IP, 'ip', this.server.ip);
    const userAgent = this.#added(call, USER_AGENT, 'userAgent', this.server.userAgent);
    if (ip === undefined || userAgent === undefined) return undefined;
    return ip === '' || userAgent === '' ? ip + userAgent : `${ip},${userAgent}`;
  }

  #added(call: number, field: number, name: string, value: string | undefined): string | undefined {
    if (value === undefined) return '';
    if (this.slices.keyAt(call, field) === 0) return `"${name}":${JSON.stringify(value)}`;
    return this.#isGiven(call, field) ? '' : undefined;
  }

  #write(call: number, fill: string, tail: string): Buffer {
    const { bytes, slices } = this;
    const hasContext = this.#isGiven(call, CONTEXT);
    this.#findRuns(call, hasContext && fill === '');
    const opening = hasContext && fill === '' ? '' : `,"context":{${fill}`;
    const own = hasContext && fill !== '' ? slices.valueAt(call, CONTEXT) + 1 : 0;
    const ownBytes = own === 0 ? 0 : slices.valueEnd(call, CONTEXT) - own;
    const texts = 3 * (opening.length + tail.length);
    const json = Buffer.allocUnsafe(this.#front.length + this.#runBytes + ownBytes + texts + 3);
    let at = this.#front.copy(json);
    for (let run = 0; run < this.#runCount; run += 1) {
      json[at] = COMMA;
      at += 1 + bytes.copy(json, at + 1, this.#runs[2 * run], this.#runs[2 * run + 1]);
    }
    at += json.write(opening, at, 'utf8');
    if (own !== 0) {
      if (bytes[behindSpace(bytes, own)] !== CLOSE_BRACE) json[at++] = COMMA;
      at += bytes.copy(json, at, own, own + ownBytes);
    } else if (opening !== '') json[at++] = CLOSE_BRACE;
    at += json.write(tail, at, 'utf8');
    return json.subarray(0, at);
  }

  /** Where the fields are that go over as they are; neighbours are one run. */
  #findRuns(call: number, withContext: boolean): void {
    const { slices } = this;
    this.#runCount = 0;
    this.#runBytes = 0;
    for (const field of KEPT) {
      const from = slices.keyAt(call, field);
      if (from === 0 || !this.#isGiven(call, field) || this.#isEmptyText(call, field)) continue;
      if ((field === CONTEXT && !withContext) || (field === TYPE && this.server.type !== undefined)) continue;
      this.#addRun(from, slices.valueEnd(call, field));
    }
  }

  /** Keeps the runs in the order of the bytes. */
  #addRun(from: number, end: number): void {
    const runs = this.#runs;
    this.#runBytes += end - from + 1;
    let at = this.#runCount;
    while (at > 0 && (runs[2 * at - 2] ?? 0) > from) {
      runs[2 * at] = runs[2 * at - 2] ?? 0;
      runs[2 * at + 1] = runs[2 * at - 1] ?? 0;
      at -= 1;
    }
    const isNext = at > 0 && at === this.#runCount && runs[2 * at - 1] === from - 1;
    if (isNext) runs[2 * at - 1] = end;
    else {
      runs[2 * at] = from;
      runs[2 * at + 1] = end;
      this.#runCount += 1;
    }
  }
}
