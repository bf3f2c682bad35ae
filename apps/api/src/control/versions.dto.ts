import type { DefinitionVersion } from '@tributary/control';
import { toInstant } from '@tributary/kernel';
import Type, { type TProperties } from 'typebox';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { VERSION, WHEN } from '../http/members.js';
import { pageDto, PageQuery } from '../http/page.dto.js';
import { keyBefore, pageOf, type ListScope, type Page } from '../http/page.js';
import type { ApiFailure } from '../http/api.errors.js';
import { ok, type Result } from '@tributary/kernel';
import type { Definitions } from '@tributary/control';

/** The parameters of a route that names a definition and a version of it. */
export const versionOf = <P extends TProperties>(properties: P) => ({
  ...properties,
  version: Type.Integer({ minimum: 0, examples: [1], errorMessage: 'must be a version, such as 5' }),
});

const AuthorDto = Type.Object({
  id: Type.String({ examples: ['operator'] }),
  kind: Type.Enum(['operator', 'user', 'token', 'system']),
  name: Type.String({ examples: ['Operator'] }),
});

export const VersionDto = dto('VersionDto', {
  version: VERSION,
  at: WHEN,
  author: AuthorDto,
  reason: Type.Optional(Type.String({ description: 'as the header X-Reason gave it' })),
  value: nullable(
    Type.Record(Type.String(), Type.Unknown()),
    'what was put, without secrets; null: it was removed',
  ),
});
/** A version of a definition. */
export type ShownVersion = Value<typeof VersionDto>;

/** A version in the path of a route, of the one definition that it is about. */
export const VersionParameter = parameters(versionOf({}));
export type VersionParameter = Value<typeof VersionParameter>;

export const VersionPageDto = pageDto('VersionPageDto', VersionDto);

/** A page of the versions of a definition, the latest first; `list` names it, and `show` leaves out what nobody may read. */
export async function versionsPage<T extends object>(
  definitions: Definitions<T>,
  id: string,
  { limit, cursor }: PageQuery,
  show: (value: T) => object,
): Promise<Result<Page<ShownVersion>, ApiFailure>> {
  const scope: ListScope = { list: `versions of ${definitions.kind.name}`, filter: { id } };
  const after = keyBefore(cursor, scope);
  if (!after.ok) return after;
  const before = after.value === '' ? {} : { before: Number(after.value) };
  const versions = await definitions.versions(id, { limit: limit + 1, ...before });
  return ok(
    pageOf(
      versions.map((one) => shownVersion(one, show)),
      limit,
      scope,
      ({ version }) => String(version),
    ),
  );
}

function shownVersion<T>(
  { version, value, author, reason, at }: DefinitionVersion<T>,
  show: (value: T) => object,
): ShownVersion {
  return {
    version,
    at: toInstant(at),
    author,
    ...(reason === undefined ? {} : { reason }),
    value: value === undefined ? null : { ...show(value) },
  };
}

/** There is no such version, or it says that the definition was removed. */
export function noVersion(version: number): ApiFailure {
  return { code: 'version_not_found', message: `There is no version ${version} that could be restored.` };
}
