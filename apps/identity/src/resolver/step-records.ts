import { TOPICS, type SaidMessage } from '@tributary/contracts';
import type { Eligibility, Message } from '@tributary/identity';
import type { OutgoingRecord } from '@tributary/kafka';
import { baseOf, scopedKey, type Identifier } from '@tributary/kernel';
import { toFactsPart } from './facts.js';

/** UTF-8 bytes of messages that a record has at most, unless one message alone is larger. */
const RECORD_BYTES = 512 * 1024;

interface Destination {
  readonly workspaceId: string;
  readonly to: Identifier;
  readonly drafts: Draft[];
}

/** A record to be, of texts as they are written. */
interface Draft {
  readonly messages: string[];
  readonly kinds: Set<Message['kind']>;
  readonly said: string[];
  bytes: number;
}

/**
 * What one step of a partition says: to each identifier in one record, or in more where it is too large for one. What
 * identifiers decided on their links goes along with it, wherever that goes.
 */
export class StepRecords {
  readonly #destinations = new Map<string, Destination>();
  readonly #said: { readonly workspaceId: string; readonly end: Identifier; readonly text: string }[] = [];

  send(workspaceId: string, messages: readonly Message[]): void {
    for (const message of messages) {
      const draft = roomIn(
        this.#destination(workspaceId, message.to),
        JSON.stringify(partOf(message)),
        'messages',
      );
      draft.kinds.add(message.kind);
    }
  }

  /** Adds what one identifier says of its links, as of one place in the log. */
  say(workspaceId: string, said: readonly Eligibility[]): void {
    const [first] = said;
    if (!first) return;
    const { end, endFirstSeen, version } = first;
    const links = said.map(({ other, firstSeen, refusal }): SaidMessage['links'][number] =>
      refusal === undefined ? [baseOf(other), firstSeen] : [baseOf(other), firstSeen, refusal],
    );
    const text = JSON.stringify({ end: baseOf(end), endFirstSeen, version, links } satisfies SaidMessage);
    this.#said.push({ workspaceId, end, text });
  }

  /** The records of all that was added. An identifier that decided, and has nobody to tell, gets a record without messages. */
  take(): readonly OutgoingRecord[] {
    const carriers = new Map<string, Destination>();
    for (const one of this.#destinations.values()) carriers.set(one.workspaceId, one);
    for (const { workspaceId, end, text } of this.#said) {
      const carrier = carriers.get(workspaceId) ?? this.#destination(workspaceId, end);
      carriers.set(workspaceId, carrier);
      roomIn(carrier, text, 'said');
    }
    return [...this.#destinations.values()].flatMap(recordsOf);
  }

  #destination(workspaceId: string, to: Identifier): Destination {
    const key = scopedKey(workspaceId, to);
    let known = this.#destinations.get(key);
    if (!known) this.#destinations.set(key, (known = { workspaceId, to, drafts: [] }));
    return known;
  }
}

/** The record of a single message. */
export function toLinkRecord(workspaceId: string, message: Message): OutgoingRecord {
  const text = JSON.stringify(partOf(message));
  const draft = { messages: [text], kinds: new Set([message.kind]), said: [], bytes: text.length };
  return recordOf(workspaceId, message.to, draft);
}

function roomIn({ drafts }: Destination, text: string, as: 'messages' | 'said'): Draft {
  const bytes = Buffer.byteLength(text);
  let draft = drafts.at(-1);
  if (!draft || (draft.bytes > 0 && draft.bytes + bytes > RECORD_BYTES)) {
    draft = { messages: [], kinds: new Set(), said: [], bytes: 0 };
    drafts.push(draft);
  }
  draft[as].push(text);
  draft.bytes += bytes + 1;
  return draft;
}

function recordsOf({ workspaceId, to, drafts }: Destination): readonly OutgoingRecord[] {
  return drafts.map((draft) => recordOf(workspaceId, to, draft));
}

function recordOf(workspaceId: string, to: Identifier, { messages, kinds, said }: Draft): OutgoingRecord {
  const address = `"workspaceId":${JSON.stringify(workspaceId)},"to":${JSON.stringify(to)}`;
  const rest = said.length > 0 ? `,"said":[${said.join()}]` : '';
  return {
    topic: TOPICS.links.name,
    key: scopedKey(workspaceId, baseOf(to)),
    value: `{${address},"messages":[${messages.join()}]${rest}}`,
    headers: {
      schema: 'link@1',
      kind: [...kinds].join(),
      ...(said.length > 0 && { said: String(said.length) }),
    },
  };
}

/** A message as the record has it. The record names the address once, beside its messages. */
function partOf(message: Message): unknown {
  return message.kind === 'facts' ? toFactsPart(message) : { ...message, to: undefined };
}
