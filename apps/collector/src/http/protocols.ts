import { isJsonObject, parseExactly, type JsonObject } from '@tributary/events';
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from './routes.table.js';

/** Changes a parsed body into one that the tracking API has. */
type Rewrite = (body: JsonObject) => JsonObject;

/** What a request needs before it is one of the tracking API; undefined for most: their bodies stay as they came. */
export function rewriteOf({ reads }: Route, headers: IncomingHttpHeaders): Rewrite | undefined {
  if (reads === 'merge') return identifyOfMerge;
  const anonymousId = anonymousIdIn(headers);
  if (anonymousId === undefined) return undefined;
  return reads === 'batch' ? inBatch(withAnonymousId(anonymousId)) : withAnonymousId(anonymousId);
}

/** A body as the tracking API has it. What is no JSON object is left to be refused as it came. */
export function rewritten(body: Buffer, rewrite: Rewrite): Buffer {
  if (!isUtf8(body)) return body;
  try {
    const parsed: unknown = parseExactly(body.toString('utf8'));
    const changed = isJsonObject(parsed) ? rewrite(parsed) : parsed;
    return changed === parsed ? body : Buffer.from(JSON.stringify(changed));
  } catch {
    return body;
  }
}

const NOT_UTF8 = '\ufffd';

/** RudderStack's browser library says in base64 who it is; its calls may then say nothing. */
function anonymousIdIn({ anonymousid: header }: IncomingHttpHeaders): string | undefined {
  if (typeof header !== 'string') return undefined;
  const anonymousId = Buffer.from(header, 'base64').toString('utf8').trim();
  return anonymousId === '' || anonymousId.includes(NOT_UTF8) ? undefined : anonymousId;
}

const withAnonymousId =
  (anonymousId: string): Rewrite =>
  (call) =>
    namesNobody(call) ? { ...call, anonymousId } : call;

const inBatch =
  (rewrite: Rewrite): Rewrite =>
  (body) => {
    if (!Array.isArray(body.batch)) return body;
    const before = body.batch as readonly unknown[];
    const batch = before.map((call) => (isJsonObject(call) ? rewrite(call) : call));
    return batch.every((call, i) => call === before[i]) ? body : { ...body, batch };
  };

function namesNobody({ userId, anonymousId }: JsonObject): boolean {
  return !isGiven(userId) && !isGiven(anonymousId);
}

function isGiven(id: unknown): boolean {
  return id !== undefined && id !== null && id !== '';
}

const USER_ID = /^user_?id$/i;
const ANONYMOUS_ID = /^anonymous_?id$/i;

/** `mergeProperties` are identifiers of one person: an identify call with all of them says the same. */
function identifyOfMerge(body: JsonObject): JsonObject {
  const { mergeProperties, ...call } = body;
  const context = isJsonObject(call.context) ? call.context : {};
  const identify: JsonObject = { ...call, type: 'identify' };
  const externalIds: unknown[] = Array.isArray(context.externalIds)
    ? [...(context.externalIds as unknown[])]
    : [];
  for (const entry of Array.isArray(mergeProperties) ? (mergeProperties as unknown[]) : []) {
    if (!isJsonObject(entry) || typeof entry.type !== 'string') continue;
    if (USER_ID.test(entry.type) && !isGiven(identify.userId)) identify.userId = entry.value;
    else if (ANONYMOUS_ID.test(entry.type) && !isGiven(identify.anonymousId))
      identify.anonymousId = entry.value;
    else
      externalIds.push({
        type: namespaceOf(entry.type),
        id: entry.value,
        collection: 'users',
        encoding: 'none',
      });
  }
  return { ...identify, context: { ...context, externalIds } };
}

function namespaceOf(type: string): string {
  if (USER_ID.test(type)) return 'user_id';
  return ANONYMOUS_ID.test(type) ? 'anonymous_id' : type;
}
