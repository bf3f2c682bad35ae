import type { EventMessage } from '@tributary/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { Sent } from './recorder.js';

/** A call as a library wrote it. */
export type Call = Readonly<Record<string, unknown>>;

/** What is about the sending and not about the person; and the category of a page, which is a property. */
const ENVELOPE = new Set([
  'writeKey',
  '_metadata',
  'integrations',
  'channel',
  'category',
  'timestamp',
  'originalTimestamp',
  'sentAt',
]);

/** The calls in what was sent, in order, each with what its route and its batch say of it. */
export function callsIn(sent: readonly Sent[]): readonly Call[] {
  return sent.filter(({ method, path }) => method === 'POST' && !path.endsWith('/m')).flatMap(callsOf);
}

function callsOf({ body }: Sent): readonly Call[] {
  const parsed = JSON.parse(body) as Call & { readonly batch?: readonly Call[] };
  if (!parsed.batch) return [parsed];
  const { sentAt, context } = parsed;
  return parsed.batch.map((call) => ({
    ...(sentAt === undefined ? {} : { sentAt }),
    ...call,
    context: { ...(context as object | undefined), ...(call.context as object | undefined) },
  }));
}

/** What an event must say when a call was sent, but for what the server adds. */
export function expectedOf(call: Call, added: object = {}): object {
  const { sentAt } = call;
  return {
    ...Object.fromEntries(
      Object.entries(call).filter(([name, value]) => isGiven(value) && !ENVELOPE.has(name)),
    ),
    ...(isGiven(call.category)
      ? { properties: { ...(call.properties as object | undefined), category: call.category } }
      : {}),
    ...traitsOf(call),
    context: { ...added, ...(call.context as object | undefined) },
    originalTimestamp: instant(call.timestamp ?? call.originalTimestamp),
    ...(isGiven(sentAt) ? { sentAt: instant(sentAt) } : {}),
  };
}

/** RudderStack's libraries put the traits of an identify call into its context. */
function traitsOf({ type, traits, context }: Call): object {
  const ofContext = (context as Call | undefined)?.traits;
  return type === 'identify' && !isGiven(traits) && isGiven(ofContext) ? { traits: ofContext } : {};
}

/** An event without what the server adds to every one. */
export function publishedBy(event: EventMessage): object {
  const {
    workspaceId: _w,
    sourceId: _s,
    timestamp: _t,
    receivedAt: _r,
    sequence: _q,
    identifiers: _i,
    ...told
  } = event;
  return told;
}

/** The fields of an event that are not what the call says, each with both; an event that is missing differs in none. */
export function differencesOf(call: Call, event: EventMessage | undefined): readonly string[] {
  if (!event) return [];
  const expected = { ...expectedOf(call) } as Call;
  const told = { ...publishedBy(event) } as Call;
  const names = [...new Set([...Object.keys(expected), ...Object.keys(told)])];
  return names
    .filter((name) => !isDeepStrictEqual(expected[name], told[name]))
    .map(
      (name) =>
        `${event.messageId} ${name}: sent ${JSON.stringify(expected[name])}, kept ${JSON.stringify(told[name])}`,
    );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function instant(value: unknown): string {
  return new Date(String(value)).toISOString();
}
