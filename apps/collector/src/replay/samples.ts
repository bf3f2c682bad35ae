import { TOPICS, type ReplayOutcome } from '@tributary/contracts';
import type { Validation } from '../intake/outcome.js';
import type { MendedCalls } from './replayed-payload.js';

const CALLS_SHOWN = 5;

/** The first calls of a record: as they came, mended, and what they become. Write keys are not for showing. */
export function samplesOf(
  { before, payload }: MendedCalls,
  { records, rejected }: Validation,
): NonNullable<ReplayOutcome['calls']> {
  const events = records.filter(({ topic }) => topic === TOPICS.events.name).values();
  const refused = new Map(rejected.map((call) => [call.index, call]));
  return payload.calls.slice(0, CALLS_SHOWN).map((call, index) => {
    const shown = { before: withoutKeys(before[index]), after: withoutKeys(call) };
    const reason = refused.get(index);
    if (reason) {
      const { code, field, message } = reason;
      return { ...shown, reasons: [{ code, field, message }] };
    }
    return { ...shown, event: JSON.parse(String(events.next().value?.value)) as unknown };
  });
}

function withoutKeys(value: unknown): unknown {
  try {
    const hide = (key: string, inner: unknown) => (key === 'writeKey' ? undefined : inner);
    return JSON.parse(JSON.stringify(value ?? null, hide)) as unknown;
  } catch (error) {
    // Nested too deep to be written.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
