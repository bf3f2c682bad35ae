import { identifier, type Identifier } from '@tributary/kernel';
import { isBlocked } from './blocked-values.js';
import { LIMITS, type CallType, type JsonObject } from './event.js';
import { isJsonObject } from './json.js';

/** What of a call names a person. */
export interface Named {
  readonly type: CallType;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly previousId?: string | undefined;
  readonly traits?: JsonObject | undefined;
  readonly context: JsonObject;
}

/**
 * The identifiers of a call: unique, at most ten, none of them blocked; in this order: user id, anonymous id, the
 * previous id of an alias, email, phone, external ids, device ids. The first is the primary one. A group's id and
 * traits name no person.
 */
export function identifiersOf(call: Named): Identifier[] {
  const found: Identifier[] = [];
  add(found, 'user_id', call.userId);
  add(found, 'anonymous_id', call.anonymousId);
  if (call.type === 'alias' && call.previousId !== call.anonymousId) add(found, 'user_id', call.previousId);
  if (call.type !== 'group' && call.traits) addContacts(found, call.traits);
  const { context } = call;
  if (isJsonObject(context.traits)) addContacts(found, context.traits);
  if (Array.isArray(context.externalIds)) addExternalIds(found, context.externalIds);
  if (isJsonObject(context.device)) addDevice(found, context.device, context.os);
  return found.length > LIMITS.identifiers ? found.slice(0, LIMITS.identifiers) : found;
}

/** Whether a value is longer than an identifier may be. */
export function isTooLong(value: string): boolean {
  if (value.length * 3 <= LIMITS.identifierBytes) return false;
  return value.length > LIMITS.identifierBytes || Buffer.byteLength(value) > LIMITS.identifierBytes;
}

/** Ids are text; numbers count as the text they are written as. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function add(found: Identifier[], namespace: string, value: string | undefined): void {
  if (value === undefined || isTooLong(value) || isBlocked(value)) return;
  const one = identifier(namespace, value.isWellFormed() ? value : value.toWellFormed());
  if (!found.includes(one)) found.push(one);
}

function addContacts(found: Identifier[], traits: JsonObject): void {
  add(found, 'email', typeof traits.email === 'string' ? emailValue(traits.email) : undefined);
  add(found, 'phone', idText(traits.phone)?.trim());
}

function emailValue(email: string): string {
  return email.trim().toLowerCase();
}

function addExternalIds(found: Identifier[], externalIds: readonly unknown[]): void {
  for (const entry of externalIds) {
    if (!isJsonObject(entry) || !ofUsers(entry.collection)) continue;
    const namespace = typeof entry.type === 'string' ? entry.type.trim() : '';
    if (!/^[^:\s]{1,64}$/.test(namespace) || !namespace.isWellFormed() || namespace === 'group_id') continue;
    const value = idText(entry.id);
    add(found, namespace, namespace === 'email' && value !== undefined ? emailValue(value) : value);
  }
}

function ofUsers(collection: unknown): boolean {
  return collection === undefined || collection === null || collection === 'users';
}

function addDevice(found: Identifier[], device: JsonObject, os: unknown): void {
  const platform = platformOf(device.type) ?? (isJsonObject(os) ? platformOf(os.name) : undefined);
  if (!platform) return;
  add(found, `${platform}.id`, idText(device.id));
  add(found, `${platform}.idfa`, idText(device.advertisingId));
}

function platformOf(name: unknown): 'android' | 'ios' | undefined {
  if (typeof name !== 'string') return undefined;
  if (/^android$/i.test(name)) return 'android';
  return /^(ios|ipados)$/i.test(name) ? 'ios' : undefined;
}
