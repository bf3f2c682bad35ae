import type { CallType, NormaliserOf } from '@tributary/events';
import type { Source } from '../sources/source-registry.port.js';
import type { IsSuppressed } from '../suppressions/suppressions.port.js';
import type { PayloadReader } from './payload.js';

/** A request as HTTP brought it, its body decompressed. */
export interface IntakeRequest {
  readonly route: string;
  /** The type of the route's one call; none on the batch route. */
  readonly type?: CallType;
  readonly body: Buffer;
  /** Why the body could not be unpacked or decoded; it is the bytes as they came then. */
  readonly malformed?: 'malformed_encoding' | 'malformed_charset' | 'invalid_utf8';
  /** The write key of the Authorization header. */
  readonly writeKey?: string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** The source whose key it must be. */
  readonly sourceId?: string;
  /** The body as read, where it is no JSON, and what it is. */
  readonly parsed?: object;
  readonly contentType?: string;
  /** How the body becomes calls; as on a tracking route, unless given. */
  readonly read?: PayloadReader;
  /** The origin of the page that a browser sends from. */
  readonly origin?: string;
}

/** What the server knows of a request. */
export interface RequestFacts {
  readonly source: Source;
  readonly route: string;
  readonly receivedAt: number;
  /** The place of the first call among what this process received in the same millisecond. */
  readonly sequence: number;
  /** See {@link CallContext.clockToleranceMs}. */
  readonly clockToleranceMs: number;
  readonly body: Buffer;
  /** How identifiers are written. */
  readonly normaliserOf: NormaliserOf;
  /** Whether nothing is taken of whoever has one of these; undefined where nobody is suppressed. */
  readonly isSuppressed?: IsSuppressed | undefined;
  /** Makes the id of a call that has none, by its place in the payload. */
  readonly newMessageId: (index: number) => string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
  /** The bytes and the place of one call, where the body does not give them. */
  readonly placeOf?: (index: number) => { readonly raw: Buffer; readonly index: number };
  /** The calls are larger than the body that they come from: the size of each is measured. */
  readonly measured?: boolean;
  /** See {@link CallContext.keepsTime}. */
  readonly keepsTime?: boolean;
}
