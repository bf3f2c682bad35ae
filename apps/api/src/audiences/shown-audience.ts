import { warningsOf, type AudienceDefinition, type AudienceWarning } from '@tributary/audiences';
import type { StoredAudience } from './kafka.audience-catalog.js';

/** An audience as the API shows it; `AudienceDto` describes it. */
export interface ShownAudience {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly query: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly state: 'live';
  readonly size: number | null;
  readonly version: number;
  readonly warnings: readonly AudienceWarning[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A size of null is not known. */
export function toShownAudience({ value, version }: StoredAudience, size: number | null): ShownAudience {
  const { key, name, description, query, definition, createdAt, updatedAt } = value;
  return {
    key,
    name,
    ...(description === undefined ? {} : { description }),
    query,
    definition,
    state: 'live',
    size,
    version,
    warnings: warningsOf(definition as unknown as AudienceDefinition),
    createdAt,
    updatedAt,
  };
}
