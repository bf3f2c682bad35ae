import type { MatchableEvent } from '@tributary/audiences';
import fc from 'fast-check';

/** An event of a person, of one of two identifiers; times in milliseconds since 1970. */
export interface PastEvent {
  readonly identifier: 0 | 1;
  readonly time: number;
  readonly receivedAt: number;
  /** What duplicates have in common; its place among the events of the person unless given. */
  readonly id?: string;
  readonly event: MatchableEvent & {
    readonly type: string;
    readonly properties: Readonly<Record<string, unknown>>;
  };
}

/** When events of people are: near the borders of windows that end here. */
export const NOW = Date.UTC(2026, 5, 1);

const scalar = fc.oneof(
  fc.constantFrom<unknown>(0, 1, 2, 3, -1.5, 0.1, 1e-7, 1e21, 1e17, 1_234.000_000_001, 4.9e-10, -0),
  fc.constantFrom<unknown>(
    '',
    'a',
    'b',
    'Ünï "x" \\ \n',
    '𝄞',
    '3',
    '03',
    '+3',
    '.5',
    '-5.',
    '1e2',
    '1E-12',
    '1e29',
    '9'.repeat(29),
    '1e999',
  ),
  fc.constantFrom<unknown>(
    true,
    false,
    'TRUE',
    'false',
    null,
    '2026-06-01',
    '2026-02-30',
    '2026-06-01T02:00:00+02:00',
    '2026-05-31T23:59:59.999999999Z',
    '0001-01-01',
  ),
);
const leaf = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>({}, { of: 1 }, undefined) },
);
const object = fc.dictionary(fc.constantFrom('x', 'y'), leaf, { maxKeys: 2, noNullPrototype: true });
const properties = fc.oneof(
  { weight: 3, arbitrary: leaf.map((x) => ({ x })) },
  { weight: 1, arbitrary: object.map((o) => ({ o })) },
  { weight: 1, arbitrary: leaf.map((x) => ({ 'o.x': x })) },
  { weight: 1, arbitrary: fc.array(fc.oneof(object, scalar), { maxLength: 3 }).map((o) => ({ o })) },
);

const event = fc.record({
  type: fc.constantFrom('track', 'track', 'track', 'page', 'identify'),
  name: fc.constantFrom('A', 'A', 'B'),
  properties,
  context: object,
});

/** The paths of values that such events have, and some that they have not. */
export const PATHS = ['x', 'x', 'x', 'o.x', 'o.y', 'o[0].x', 'o.1.x', 'x.0', 'n'] as const;

/** Windows of a minute and of two days: their slices are a second and two minutes. */
export const WINDOWS_MS = [60_000, 2 * 86_400_000] as const;

const ago = fc.oneof(
  fc.integer({ min: -2_000, max: 100_000 }),
  fc.constantFrom(...WINDOWS_MS, 0, 120_000, 86_400_000).chain((ms) => fc.constantFrom(ms - 1, ms, ms + 1)),
  fc.integer({ min: 0, max: 3 * 86_400_000 }),
);

/** The events of one person. */
export const personArbitrary: fc.Arbitrary<readonly PastEvent[]> = fc.array(
  fc.record({
    identifier: fc.constantFrom<0 | 1>(0, 1),
    time: ago.map((ms) => NOW - ms),
    receivedAt: fc.integer({ min: 0, max: 2 }),
    event: event.map(({ type, name, properties: of, context }) => ({
      type,
      ...(type === 'track' ? { event: name } : type === 'page' ? { name } : {}),
      // As it comes out of the log.
      ...(JSON.parse(JSON.stringify({ properties: of, traits: of, context })) as {
        properties: Record<string, unknown>;
      }),
    })),
  }),
  { maxLength: 8 },
);
