import { failed, ok, type Result } from '@tributary/kernel';
import Type, { type Static } from 'typebox';

/*
 * What the api asks profile-builder, process by process: not a topic. Each owner answers for the keys of its partitions.
 */

/** Who answers: the processor, and the consumer group whose members say where they answer for their partitions. */
export const STATE_READERS = {
  /** Of `workspaceId/profileId`: the profile as in `profiles.v1`, or where it was merged into. */
  profiles: { groupId: 'profile-builder-profiles' },
  /** Of `workspaceId/identifier`: the id of the profile that it belongs to. */
  fragments: { groupId: 'profile-builder-fragments' },
  /** Of `workspaceId/group_id:groupId`: the account as in `accounts.v1`; or a page of its people: `accountReadKey`. */
  accounts: { groupId: 'profile-builder-accounts' },
} as const;
export type StateReader = keyof typeof STATE_READERS;

/** The purpose of the token, made of that of the API, that opens it. */
export const STATE_READ_PURPOSE = 'state reads';

/** Where it is asked, by POST of a {@link StateRead} with that token as bearer. */
export const stateReadPath = (reader: StateReader): string => `/internal/v1/state/${reader}`;

/** Keys that are asked for at once, at most. */
export const STATE_READ_KEYS = 100;
/** Bytes after which an answer ends. */
export const STATE_READ_BYTES = 1_048_576;

/** For which keys is asked. */
export const StateRead = Type.Object({
  keys: Type.Array(Type.String({ minLength: 1, maxLength: 2_000 }), {
    minItems: 1,
    maxItems: STATE_READ_KEYS,
  }),
});
export type StateRead = Static<typeof StateRead>;

/** What is known of one key. */
export type StateAnswer =
  | {
      readonly state: 'found';
      readonly text: string;
      /** What came later may not be in it: milliseconds since 1970. */
      readonly asOf: number;
    }
  | { readonly state: 'unknown'; readonly asOf: number }
  /** This process does not own the partition of the key, or is still catching up with it: another may answer. */
  | { readonly state: 'misdirected' };

/**
 * The text of an answer: a line for each key, in their order, `<status> <asOf> <text>`, where the status is that of HTTP.
 * Where it grows too large, the last keys are missing in it, and are to be asked for again; there is one line at least.
 */
export function writeStateAnswers(answers: Iterable<StateAnswer>): string {
  let all = '';
  for (const answer of answers) {
    all += lineOf(answer);
    if (all.length >= STATE_READ_BYTES) break;
  }
  return all;
}

function lineOf(answer: StateAnswer): string {
  if (answer.state === 'misdirected') return '421\n';
  return answer.state === 'found' ? `200 ${answer.asOf} ${answer.text}\n` : `404 ${answer.asOf}\n`;
}

/** The answers in a text that {@link writeStateAnswers} made; the error says what is none. */
export function readStateAnswers(text: string): Result<readonly StateAnswer[], string> {
  const answers: StateAnswer[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    if (end < 0) return failed('the last line has no end');
    const answer = answerIn(text.slice(start, end));
    if (!answer) return failed(`a line begins with ${text.slice(start, Math.min(end, start + 20))}`);
    answers.push(answer);
    start = end + 1;
  }
  return ok(answers);
}

function answerIn(line: string): StateAnswer | undefined {
  if (line === '421') return { state: 'misdirected' };
  const space = line.indexOf(' ', 4);
  const asOf = Number(line.slice(4, space < 0 ? undefined : space));
  if (!Number.isSafeInteger(asOf)) return undefined;
  if (line.startsWith('404 ')) return { state: 'unknown', asOf };
  return line.startsWith('200 ') && space > 0
    ? { state: 'found', text: line.slice(space + 1), asOf }
    : undefined;
}
