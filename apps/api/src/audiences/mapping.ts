import type { StoredAudience } from './audience-catalog.port.js';
import type { AudienceDto } from './audience.dto.js';

/** An audience as the API shows it. */
export function toAudienceDto({ audience, version }: StoredAudience, size: number | null): AudienceDto {
  const { key, name, description, query, definition, createdAt, updatedAt } = audience;
  return {
    key,
    name,
    ...(description === undefined ? {} : { description }),
    query,
    definition,
    state: 'live',
    size,
    version,
    createdAt,
    updatedAt,
  };
}

/** The version of an audience as HTTP compares it. */
export function etagOf({ version }: Pick<AudienceDto, 'version'>): string {
  return `"${version}"`;
}
