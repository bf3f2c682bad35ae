import Type, { type TSchema } from 'typebox';
import { dto, nullable, parameters, type Value } from './dto.js';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 1_000;

/** How many items of a list are asked for. */
export const limit = (usual: number) =>
  Type.Integer({
    minimum: 1,
    maximum: MAX_LIMIT,
    default: usual,
    errorMessage: `must be a whole number from 1 to ${MAX_LIMIT}`,
  });

/** Which part of a list is asked for. */
export const PageQuery = parameters({
  limit: limit(DEFAULT_LIMIT),
  cursor: Type.Optional(
    Type.String({ description: 'where the page before ended: its `cursor.next`, with the same filters' }),
  ),
});
export type PageQuery = Value<typeof PageQuery>;

export const CursorDto = dto('CursorDto', {
  next: nullable(Type.String(), 'null on the last page'),
  hasMore: Type.Boolean(),
});

/** A part of a list. */
export function pageDto<S extends TSchema>(title: string, item: S) {
  return dto(title, { data: Type.Array(item), cursor: CursorDto });
}
