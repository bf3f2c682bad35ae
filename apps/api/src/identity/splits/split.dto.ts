import { SplitMessage } from '@tributary/contracts';
import Type from 'typebox';
import { versionOf } from '../../control/versions.dto.js';
import { dto, parameters, type Value } from '../../http/dto.js';
import { VERSION, WHEN } from '../../http/members.js';
import { pageDto, PageQuery } from '../../http/page.dto.js';
import type { StoredSplit } from './split.kind.js';

const reason = Type.Optional(
  Type.String({
    ...SplitMessage.properties.reason,
    description: 'why, in your words',
    examples: ['ticket 4711'],
  }),
);

const PAIR = {
  a: Type.String({ description: 'namespace:value', examples: ['user_id:u1'] }),
  b: Type.String({ description: 'namespace:value', examples: ['email:ann@example.com'] }),
};

/** The two, in either order, URL-encoded. */
export const SplitPair = parameters(PAIR);
export type SplitPair = Value<typeof SplitPair>;

export const SplitVersion = parameters(versionOf(SplitPair.properties));
export type SplitVersion = Value<typeof SplitVersion>;

export const SplitBody = dto('SplitBody', { reason });
export type SplitBody = Value<typeof SplitBody>;

/** A split in a list of them. */
export const SplitItem = dto('SplitItem', { ...PAIR, reason });

export const SplitsQuery = parameters({
  ...PageQuery.properties,
  apart: Type.Enum(['true', 'false', 'all'], {
    default: 'true',
    description: 'true: those in force; false: those that were removed',
    errorMessage: 'must be true, false or all',
  }),
  identifier: Type.Optional(
    Type.String({ description: 'only those that name it', examples: ['user_id:u1'] }),
  ),
});
export type SplitsQuery = Value<typeof SplitsQuery>;

export const SplitDto = dto('SplitDto', {
  a: Type.String({ examples: ['email:ann@example.com'], description: 'the first in the order of text' }),
  b: Type.String({ examples: ['user_id:u1'] }),
  apart: Type.Boolean({ description: 'false: it was removed' }),
  reason,
  createdAt: Type.String({ ...WHEN, description: 'when the two were first split' }),
  updatedAt: WHEN,
  version: VERSION,
});
export type ShownSplit = Value<typeof SplitDto>;

export const SplitPageDto = pageDto('SplitPageDto', SplitDto);

export function toShownSplit({ value, version }: Pick<StoredSplit, 'value' | 'version'>): ShownSplit {
  const { workspaceId: _workspaceId, ...split } = value;
  return { ...split, version };
}
