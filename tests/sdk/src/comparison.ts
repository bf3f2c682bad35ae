import type { EventMessage } from '@tributary/contracts';
import type { Sent } from './recorder.js';

/** A call as a library wrote it. */
export type Call = Readonly<Record<string, unknown>>;

const TEXTS = ['event', 'name', 'userId', 'anonymousId', 'previousId', 'groupId'] as const;

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
    type: call.type,
    messageId: call.messageId,
    ...Object.fromEntries(TEXTS.filter((field) => isGiven(call[field])).map((field) => [field, call[field]])),
    ...(isGiven(call.properties) ? { properties: call.properties } : {}),
    ...(isGiven(call.traits) ? { traits: call.traits } : {}),
    context: { ...added, ...(call.context as object | undefined) },
    originalTimestamp: instant(call.timestamp ?? call.originalTimestamp),
    ...(isGiven(sentAt) ? { sentAt: instant(sentAt) } : {}),
  };
}

/** An event without what the server adds to every one. */
export function toldBy(event: EventMessage): object {
  const { workspaceId: _w, sourceId: _s, timestamp: _t, receivedAt: _r, identifiers: _i, ...told } = event;
  return told;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function instant(value: unknown): string {
  return new Date(String(value)).toISOString();
}
