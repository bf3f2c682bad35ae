import type { Change, Definition } from '@tributary/control';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PlannedChangeDto, PlanDto } from './definitions.dto.js';
import type { Section } from './section.js';
import type { Value } from '../http/dto.js';

/** What stands for a secret that takes the place of another. */
const ANOTHER_SECRET = '*** (another)';

/** One definition that is not as a file has it. */
export interface PlannedChange {
  readonly section: Section<object>;
  readonly id: string;
  readonly change: Exclude<Change<object>, 'keep'>;
  readonly shown: Value<typeof PlannedChangeDto>;
}

/** What would make a workspace as files have it. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly unchanged: number;
  readonly leftAlone: number;
}

/** A change as a reader sees it. */
export function shownChange(
  section: Section<object>,
  { id, place }: { readonly id: string; readonly place?: string },
  before: Definition<object> | undefined,
  after: object | undefined,
  show: (value: object) => object,
): Value<typeof PlannedChangeDto> {
  const isThere = before && section.isThere(before.value);
  const shownBefore = isThere ? show(before.value) : (section.builtIn?.() ?? null);
  const shownAfter = after ? show(after) : null;
  const isSecretAlone = shownBefore && shownAfter && isDeepStrictEqual(shownBefore, shownAfter);
  return {
    kind: section.what,
    id,
    ...(place === undefined ? {} : { place }),
    action: shownAfter === null ? 'remove' : shownBefore === null ? 'create' : 'change',
    version: before?.version ?? null,
    before: shownBefore as Record<string, unknown> | null,
    after: (isSecretAlone ? withOtherSecret(shownAfter) : shownAfter) as Record<string, unknown> | null,
  };
}

export function shownPlan({ changes, unchanged, leftAlone }: Plan): Omit<Value<typeof PlanDto>, 'applied'> {
  const of = (action: string) => changes.filter(({ shown }) => shown.action === action).length;
  return {
    digest: digestOf(changes),
    changes: changes.map(({ shown }) => shown),
    summary: {
      created: of('create'),
      changed: of('change'),
      removed: of('remove'),
      unchanged,
      leftAlone,
    },
  };
}

/** The same for the same changes of the same versions. */
function digestOf(changes: readonly PlannedChange[]): string {
  const text = JSON.stringify(changes.map(({ shown: { place: _place, ...rest } }) => rest));
  return createHash('sha256').update(text).digest('base64url').slice(0, 32);
}

function withOtherSecret(shown: object): object {
  const { webhook } = shown as { readonly webhook?: { readonly signature?: object } };
  if (!webhook?.signature) return shown;
  return { ...shown, webhook: { ...webhook, signature: { ...webhook.signature, secret: ANOTHER_SECRET } } };
}
