import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { WHEN } from '../../http/members.js';
import { pageDto, PageQuery } from '../../http/page.dto.js';
import { PrincipalDto } from '../principal.dto.js';

const TEXT = Type.String({ minLength: 1, maxLength: 1_000 });

const filters = {
  author: Type.Optional(Type.String({ ...TEXT, description: 'id of whoever did it' })),
  action: Type.Optional(Type.String({ ...TEXT, examples: ['removed'] })),
  kind: Type.Optional(Type.String({ ...TEXT, description: 'what it was done to', examples: ['audience'] })),
  subject: Type.Optional(Type.String({ ...TEXT, description: 'its id', examples: ['vip'] })),
  from: Type.Optional(WHEN),
  to: Type.Optional(Type.String({ ...WHEN, description: 'before this instant' })),
};

export const AuditFilters = parameters(filters);
export type AuditFilters = Value<typeof AuditFilters>;

export const AuditQuery = parameters({ ...PageQuery.properties, ...filters });
export type AuditQuery = Value<typeof AuditQuery>;

const VALUE = nullable(
  Type.Record(Type.String(), Type.Unknown()),
  'without secrets; null: it was not there. Beyond 64 KB only its size is kept',
);

export const AuditEntryDto = dto('AuditEntryDto', {
  seq: Type.Integer({ description: 'grows; entries are shown the latest first' }),
  at: WHEN,
  author: PrincipalDto,
  action: Type.String(),
  kind: Type.String(),
  subject: Type.String(),
  version: nullable(Type.Integer(), 'of the definition or user that came of it; null: it has none'),
  before: VALUE,
  after: VALUE,
  reason: nullable(Type.String(), 'as the header X-Reason gave it'),
});
export type ShownAuditEntry = Value<typeof AuditEntryDto>;

export const AuditPageDto = pageDto('AuditPageDto', AuditEntryDto);
