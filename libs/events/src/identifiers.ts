import { identifier, namespaceOf, type Identifier } from '@tributary/kernel';
import { isBlocked } from './blocked-values.js';
import { LIMITS, type CallType, type JsonObject } from './event.js';
import { flag, flaggedText, type Flag } from './flags.js';
import { compiledKeys, valueAt, type IdentifierKey, type IdentifierKeys } from './identifier-keys.js';
import { isJsonObject } from './json.js';
import type { NormaliserOf, ReadValue } from './normaliser.js';

/** What of a call names a person. */
export interface Named {
  readonly type: CallType;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly previousId?: string | undefined;
  readonly properties?: JsonObject | undefined;
  readonly traits?: JsonObject | undefined;
  readonly context: JsonObject;
}

/** How identifiers are read of calls. */
export interface Naming {
  readonly normaliserOf: NormaliserOf;
  readonly keys?: IdentifierKeys | undefined;
}

/** What was found so far. */
interface Found {
  readonly normaliserOf: NormaliserOf;
  readonly identifiers: Identifier[];
  readonly flags: Flag[];
}

/**
 * The identifiers of a call: unique, at most ten, none of them blocked; in this order: user id, anonymous id, the
 * previous id of an alias, as an anonymous id, and as a user id where the rules let a person have two; email, phone, external ids, configured traits and properties, device ids. The first is the
 * primary one. Each is written as its namespace wants it. A group's id and traits name no person. What is left out, or
 * looks wrong, is told in `flags`.
 */
export function identifiersOf(call: Named, { normaliserOf, keys }: Naming, flags: Flag[] = []): Identifier[] {
  const identifiers: Identifier[] = [];
  const found: Found = { normaliserOf, identifiers, flags };
  add(found, 'user_id', call.userId, 'userId');
  add(found, 'anonymous_id', call.anonymousId, 'anonymousId');
  if (call.type === 'alias' && call.previousId !== call.userId) {
    add(found, 'anonymous_id', call.previousId, 'previousId');
    // Of two user ids, where a person may have two.
    if ((normaliserOf('user_id').limit ?? 1) > 1) add(found, 'user_id', call.previousId, 'previousId');
  }
  if (call.type !== 'group' && call.traits) addContacts(found, call.traits, OWN_CONTACTS);
  const { context } = call;
  if (isJsonObject(context.traits)) addContacts(found, context.traits, KNOWN_CONTACTS);
  if (Array.isArray(context.externalIds)) addExternalIds(found, context.externalIds);
  else if (context.externalIds !== undefined && context.externalIds !== null) {
    flag(flags, 'invalid_external_id', 'context.externalIds');
  }
  if (keys) addConfigured(found, call, keys);
  if (isJsonObject(context.device)) addDevice(found, context.device, context.os);
  if (identifiers.length <= LIMITS.identifiers) return identifiers;
  flag(flags, 'too_many_identifiers', '');
  return identifiers.slice(0, LIMITS.identifiers);
}

/**
 * The identifiers of what may be no call at all, as far as they can be read, each field for itself: to know whom something is
 * about that is not taken. `common` is the context of its batch.
 */
export function namedIn(call: unknown, naming: Naming, common?: JsonObject): Identifier[] {
  if (!isJsonObject(call)) return [];
  const objectAt = (field: string) => (isJsonObject(call[field]) ? call[field] : undefined);
  const named: Named = {
    type: 'alias',
    userId: idText(call.userId),
    anonymousId: idText(call.anonymousId),
    previousId: idText(call.previousId),
    properties: objectAt('properties'),
    traits: objectAt('traits'),
    context: { ...common, ...objectAt('context') },
  };
  return identifiersOf(named, naming);
}

const OWN_CONTACTS = ['traits.email', 'traits.phone'] as const;
const KNOWN_CONTACTS = ['context.traits.email', 'context.traits.phone'] as const;

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

function add(found: Found, namespace: string, given: string | undefined, field: string): void {
  if (given === undefined) return;
  const { identifiers, flags } = found;
  const reader = found.normaliserOf(namespace);
  const { value, refused } = reader.read?.(given) ?? readPlainly(reader(given));
  if (refused) flag(flags, refused, field);
  if (value === '') return;
  if (isTooLong(value)) {
    flag(flags, 'identifier_too_long', field);
    return;
  }
  const one = identifier(namespace, flaggedText(flags, value, field));
  if (identifiers.includes(one)) return;
  // Identity refuses the link: of one event, no order of arrival could let it join.
  if (isBeyond(reader.limit, namespace, identifiers)) flag(flags, 'link_refused', field);
  identifiers.push(one);
}

function readPlainly(value: string): ReadValue {
  return value !== '' && !isTooLong(value) && isBlocked(value)
    ? { value: '', refused: 'blocked_value' }
    : { value };
}

function isBeyond(limit = Infinity, namespace: string, identifiers: readonly Identifier[]): boolean {
  if (identifiers.length < limit) return false;
  return identifiers.filter((id) => namespaceOf(id) === namespace).length >= limit;
}

function addValue(found: Found, namespace: string, value: unknown, field: string): void {
  add(found, namespace, idText(value), field);
}

function addContacts(found: Found, traits: JsonObject, [email, phone]: readonly [string, string]): void {
  if (typeof traits.email === 'string') addValue(found, 'email', traits.email, email);
  else if (traits.email !== undefined && traits.email !== null) flag(found.flags, 'not_an_email', email);
  if (traits.phone !== undefined) addValue(found, 'phone', traits.phone, phone);
}

function addExternalIds(found: Found, externalIds: readonly unknown[]): void {
  for (const [index, entry] of externalIds.entries()) {
    const field = `context.externalIds.${index}`;
    if (isJsonObject(entry) && !ofUsers(entry.collection)) continue;
    const namespace = isJsonObject(entry) && typeof entry.type === 'string' ? entry.type.trim() : '';
    if (!isJsonObject(entry) || !isExternal(namespace)) flag(found.flags, 'invalid_external_id', field);
    else if (idText(entry.id) === undefined) flag(found.flags, 'invalid_external_id', `${field}.id`);
    else addValue(found, namespace, entry.id, `${field}.id`);
  }
}

function isExternal(namespace: string): boolean {
  return /^[^:\s]{1,64}$/.test(namespace) && namespace !== 'group_id';
}

function addConfigured(found: Found, call: Named, keys: IdentifierKeys): void {
  const { traits, properties } = compiledKeys(keys);
  if (traits.length > 0) {
    if (call.type !== 'group' && call.traits) addKeys(found, call.traits, traits, 'traits');
    const { traits: known } = call.context;
    if (isJsonObject(known)) addKeys(found, known, traits, 'context.traits');
  }
  if (call.properties) addKeys(found, call.properties, properties, 'properties');
}

function addKeys(found: Found, object: JsonObject, keys: readonly IdentifierKey[], where: string): void {
  for (const key of keys) {
    const value = valueAt(object, key);
    if (value !== undefined) addValue(found, key.namespace, value, `${where}.${key.name}`);
  }
}

function ofUsers(collection: unknown): boolean {
  return collection === undefined || collection === null || collection === 'users';
}

function addDevice(found: Found, device: JsonObject, os: unknown): void {
  const platform = platformOf(device.type) ?? (isJsonObject(os) ? platformOf(os.name) : undefined);
  if (!platform) return;
  addValue(found, `${platform}.id`, device.id, 'context.device.id');
  addValue(found, `${platform}.idfa`, device.advertisingId, 'context.device.advertisingId');
}

function platformOf(name: unknown): 'android' | 'ios' | undefined {
  if (typeof name !== 'string') return undefined;
  if (/^android$/i.test(name)) return 'android';
  return /^(ios|ipados)$/i.test(name) ? 'ios' : undefined;
}
