import type { AccountMessage, ProfileMessage } from '@tributary/contracts';
import { namespaceOf, ok, valueOf, type Identifier, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../../http/api.errors.js';
import type { Ends, PlacedEvent } from '../clickhouse.timeline.js';
import type { HeldJson } from '../held-profile.js';
import type { Part } from './segment-page.js';
import type { ExternalId, Metadata, ProfilePath, SegmentEvent, SegmentPage } from './segment.dto.js';

/** An answer, and the profile or account that it is about. */
export interface About<T> {
  readonly held: Pick<HeldJson, 'source' | 'asOf'>;
  readonly answer: T;
}

export type Answered<T> = Promise<Result<About<T>, ApiFailure>>;

export interface SegmentTrait {
  readonly name: string;
  readonly value: unknown;
  readonly source_id: string;
  readonly updated_at: string;
}

export const NOT_FOUND: ApiFailure = { code: 'profile_not_found', message: 'Profile was not found.' };
const NONE: ReadonlySet<string> = new Set();

type Traits = Pick<ProfileMessage & AccountMessage, 'traits' | 'traitSources' | 'computed' | 'at'>;

/** Traits that were sent and computed ones; of two of one name the computed one. */
export function traitsIn(of: Traits, only: 'computed_trait' | undefined): readonly SegmentTrait[] {
  const computed = computedOf(of);
  if (only === 'computed_trait') return computed;
  const names = new Set(computed.map(({ name }) => name));
  return [...customOf(of).filter(({ name }) => !names.has(name)), ...computed];
}

export function metadataOf(
  id: string,
  { firstSeenAt, lastSeenAt }: Pick<ProfileMessage, 'firstSeenAt' | 'lastSeenAt'>,
  ends: Ends | undefined,
): Metadata {
  const metadata = {
    segment_id: id,
    created_at: firstSeenAt,
    updated_at: lastSeenAt,
    expires_at: null,
    first_message_id: ends?.firstMessageId ?? '',
    first_source_id: ends?.firstSourceId ?? '',
    last_message_id: ends?.lastMessageId ?? '',
    last_source_id: ends?.lastSourceId ?? '',
  };
  return { metadata, cursor: { url: '', has_more: false, next: '', limit: 0 } };
}

function customOf({ traits, traitSources, at }: Traits): readonly SegmentTrait[] {
  return Object.entries(traits).map(([name, value]) => {
    const source = traitSources[name];
    return { name, value, source_id: source?.sourceId ?? '', updated_at: source?.at ?? at };
  });
}

function computedOf({ computed, at }: Traits): readonly SegmentTrait[] {
  return Object.entries(computed).map(([name, value]) => ({ name, value, source_id: '', updated_at: at }));
}

export function toSegmentEvent({ event }: PlacedEvent): SegmentEvent {
  const { identifiers, type, sourceId, messageId, timestamp, properties, traits, context, name } = event;
  return {
    external_ids: (identifiers as readonly Identifier[]).map((id) =>
      externalId(namespaceOf(id), valueOf(id)),
    ),
    type,
    ...(event.event !== undefined && { event: event.event }),
    ...(name !== undefined && { name }),
    source_id: sourceId,
    message_id: messageId,
    timestamp,
    properties,
    ...(Object.keys(traits).length > 0 && { traits }),
    context,
  };
}

export function externalId(type: string, id: string, collection: 'users' | 'accounts' = 'users'): ExternalId {
  return { id, type, source_id: '', collection, encoding: 'none' };
}

export function dataOf<T>(part: Result<Part<T>, ApiFailure>): Result<object, ApiFailure> {
  return part.ok ? ok({ data: part.value.items, cursor: part.value.cursor }) : part;
}

/** Of what the pages are: a cursor is good for one profile and the same filters. */
export function scopeOf(
  { workspace, collection, identifier }: ProfilePath,
  list: string,
  { limit: _limit, next: _next, ...filter }: Partial<SegmentPage>,
) {
  const url = `/v1/spaces/${encodeURIComponent(workspace)}/collections/${collection}/profiles/${encodeURIComponent(identifier)}/${list}`;
  return { url, list: url, filter };
}

export function namesIn(list: string | undefined): ReadonlySet<string> {
  if (list === undefined || list === '') return NONE;
  return new Set(list.split(',').map((name) => name.trim()));
}

export const isWanted = (wanted: ReadonlySet<string>, name: string) => wanted.size === 0 || wanted.has(name);
