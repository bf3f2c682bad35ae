import { createHash } from 'node:crypto';
import { LIMITS, type Event } from './event.js';
import { valueAt } from './identifier-keys.js';
import { idText } from './identifiers.js';

/** The property that identifies an event, by the name of the track call: `properties.order_id`. */
export type DeduplicateBy = Readonly<Record<string, string>>;

const PREFIX = 'properties.';

/**
 * What identifies the event in place of its messageId: the name of the call and the value of the property. The source
 * is no part of it: a browser and a server may send the same order. A number is the same as its digits in a text. It is
 * never longer than a messageId, since both are kept in the same places. Undefined where the event has no such value.
 */
export function deduplicationIdOf(
  { type, event: name, properties }: Pick<Event, 'type' | 'event' | 'properties'>,
  deduplicateBy: DeduplicateBy,
): string | undefined {
  if (type !== 'track' || name === undefined || !properties) return undefined;
  const property = Object.hasOwn(deduplicateBy, name) ? deduplicateBy[name] : undefined;
  if (!property?.startsWith(PREFIX)) return undefined;
  const path = property.slice(PREFIX.length);
  const value = idText(valueAt(properties, { name: path, path: path.split('.') }));
  if (!value || Buffer.byteLength(value) > LIMITS.deduplicationBytes) return undefined;
  const text = JSON.stringify([name, value]);
  if (text.length <= LIMITS.messageIdLength) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
