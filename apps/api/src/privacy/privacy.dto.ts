import Type from 'typebox';
import { PrincipalDto } from '../access/principal.dto.js';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { WHEN } from '../http/members.js';
import { pageDto, PageQuery } from '../http/page.dto.js';
import { STATUSES, TYPES } from './privacy.tables.js';

export const RequestId = parameters({
  id: Type.String({ pattern: '^[0-9a-f]{16}$', errorMessage: 'must be an id, 16 hexadecimal digits' }),
});
export type RequestId = Value<typeof RequestId>;

const LONGEST_REASON = 500;

export const PrivacyRequestBody = dto('PrivacyRequestBody', {
  type: Type.Enum([...TYPES], {
    description:
      'delete: what was received so far of the person is forgotten; suppress: nothing more is taken; suppress_with_delete: both; unsuppress: events are taken again; export: all that is held, as one document',
  }),
  identifier: Type.String({
    description: 'namespace:value; one of the person: all identifiers of the profile are meant',
    examples: ['email:ann@example.com'],
  }),
  reason: Type.Optional(
    Type.String({
      maxLength: LONGEST_REASON,
      description: 'why, in your words; kept for ever in the audit log, so name nobody',
      examples: ['ticket 4711'],
    }),
  ),
});
export type PrivacyRequestBody = Value<typeof PrivacyRequestBody>;

export const PRIVACY_EXAMPLES = {
  forget: {
    summary: 'Forget somebody, and take nothing of them any more',
    value: { type: 'suppress_with_delete', identifier: 'email:ann@example.com', reason: 'ticket 4711' },
  },
};

export const PrivacyRequestsQuery = parameters({
  ...PageQuery.properties,
  status: Type.Optional(Type.Enum([...STATUSES])),
  identifier: Type.Optional(
    Type.String({ description: 'only those about the person who has it', examples: ['user_id:u1'] }),
  ),
});
export type PrivacyRequestsQuery = Value<typeof PrivacyRequestsQuery>;

const ReceiptDto = Type.Object({
  store: Type.String({ examples: ['events_log'] }),
  action: Type.Enum(['removed', 'suppressed', 'unsuppressed', 'expires', 'kept', 'exported']),
  count: nullable(Type.Integer(), 'identifiers, rows or records; null where nobody counts'),
  at: WHEN,
  until: Type.Optional(
    Type.String({ ...WHEN, description: 'when the last of what is not removed is gone by its retention' }),
  ),
});

export const PrivacyRequestDto = dto('PrivacyRequestDto', {
  id: Type.String({ examples: ['0123456789abcdef'] }),
  type: Type.Enum([...TYPES]),
  status: Type.Enum([...STATUSES]),
  digests: Type.Array(Type.String(), {
    description: 'of all identifiers that are meant: SHA-256 of workspace/identifier, 32 hexadecimal digits',
  }),
  identifiers: nullable(
    Type.Array(Type.String()),
    'all that are meant, as long as the request needs them; null: they are dropped',
  ),
  until: nullable(WHEN, 'of a deletion: what was received up to then is forgotten; null: not begun, or none'),
  waitsFor: nullable(Type.String(), 'what it waits for; null: nothing'),
  receipts: Type.Array(ReceiptDto, { description: 'what was done, store by store' }),
  author: PrincipalDto,
  reason: nullable(Type.String(), 'null: none was given'),
  createdAt: WHEN,
  updatedAt: WHEN,
  doneAt: nullable(WHEN, 'null: it is not done'),
});
/** A privacy request as it is answered. */
export type ShownRequest = Value<typeof PrivacyRequestDto>;

export const PrivacyRequestPageDto = pageDto('PrivacyRequestPageDto', PrivacyRequestDto);
