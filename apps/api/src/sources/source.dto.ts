import { SourceMessage, WebhookMapping, WebhookSignature } from '@tributary/contracts';
import Type from 'typebox';
import { versionOf } from '../control/versions.dto.js';
import { dto, parameters, type Value } from '../http/dto.js';
import { nameOf, WHEN } from '../http/members.js';
import { limit, pageDto } from '../http/page.dto.js';
import type { StoredSource } from './source.kind.js';

const { workspaceId: _, createdAt, updatedAt: __, id, writeKeys, ...DEFINED } = SourceMessage.properties;
const { signature: _signature, ...MAPPING } = WebhookMapping.properties;
const { secret, ...SIGNATURE } = WebhookSignature.properties;

/** A signature is shown without its secret, and keeps it where it is sent without one. */
const webhookWith = <P extends object>(more: P) =>
  Type.Optional(
    Type.Object(
      {
        ...MAPPING,
        signature: Type.Optional(
          Type.Object({ ...SIGNATURE, ...more }, { description: 'absent: the write key alone is enough' }),
        ),
      },
      { description: 'how JSON that is no tracking call becomes calls' },
    ),
  );

/** What a page that tries the API fills in; each is accepted as it stands. */
export const SOURCE_EXAMPLES = {
  plain: { summary: 'a web shop', value: { name: 'Web shop' } },
  bounded: {
    summary:
      'with a rate, the origins of its pages, a property that is an identifier, and one that identifies orders',
    value: {
      name: 'Web shop',
      rateLimit: { eventsPerSecond: 500, burst: 2_000 },
      allowedOrigins: ['https://shop.example'],
      identifierKeys: { properties: { card_number: 'loyalty_card' } },
      deduplicateBy: { 'Order Completed': 'properties.order_id' },
    },
  },
};

const SOURCE_ID = Type.String({
  ...id,
  errorMessage: 'must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or a digit',
});

export const SourceId = parameters({ id: SOURCE_ID });
export type SourceId = Value<typeof SourceId>;

export const SourceVersion = parameters(versionOf({ id: SOURCE_ID }));
export type SourceVersion = Value<typeof SourceVersion>;

export const SourceKey = parameters({ id: SOURCE_ID, key: Type.String() });
export type SourceKey = Value<typeof SourceKey>;

const { key } = writeKeys.items.properties;

/** A source as it is sent: whole. Its write keys stay as they are unless they are sent, too. */
export const SourceBody = dto('SourceBody', {
  ...DEFINED,
  name: nameOf('Web shop'),
  enabled: Type.Boolean({ default: true, description: 'false: its calls are refused with 403' }),
  writeKeys: Type.Optional(
    Type.Array(Type.Object({ key, createdAt: Type.Optional(createdAt) }), {
      description: 'all of its keys; absent: they stay as they are. When each was made cannot be changed',
    }),
  ),
  webhook: webhookWith({ secret: Type.Optional(secret) }),
});
export type SourceBody = Value<typeof SourceBody>;

export const WriteKeyDto = dto('WriteKeyDto', {
  key: Type.String({ examples: ['wk_Zn0S6mQ0v1cX9yT4bH2kLw8e'] }),
  createdAt: WHEN,
});
export type WriteKey = Value<typeof WriteKeyDto>;

export const SourceDto = dto('SourceDto', {
  id,
  ...DEFINED,
  writeKeys: Type.Array(WriteKeyDto),
  webhook: webhookWith({}),
  version: Type.Integer({
    description:
      'grows with every change; -1: the source `default`, which the settings define. The ETag is the same number in quotes',
  }),
  createdAt: WHEN,
  updatedAt: WHEN,
});
export type ShownSource = Value<typeof SourceDto>;

export const SourcePageDto = pageDto('SourcePageDto', SourceDto);

export function toShownSource({ value, version }: Pick<StoredSource, 'value' | 'version'>): ShownSource {
  return { ...withoutSecret(value), version };
}

/** As everybody who may read sources sees it. */
export function withoutSecret({ workspaceId: _workspaceId, webhook, ...source }: SourceMessage) {
  if (!webhook?.signature) return { ...source, ...(webhook && { webhook }) };
  const { secret: _secret, ...signature } = webhook.signature;
  return { ...source, webhook: { ...webhook, signature } };
}

export const ViolationsQuery = parameters({
  since: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'from when on, by time of receipt; the last seven days unless given',
      errorMessage: 'must be an instant, such as 2026-01-02T03:04:05Z',
    }),
  ),
  limit: limit(100),
});
export type ViolationsQuery = Value<typeof ViolationsQuery>;

const ViolationsDto = dto('ViolationsDto', {
  type: Type.String({ examples: ['track'] }),
  event: Type.String({ examples: ['Order Completed'], description: 'empty where the call has none' }),
  field: Type.String({ examples: ['properties.items[].price'] }),
  code: Type.Enum(['plan_violation', 'unplanned_event']),
  message: Type.String({ examples: ['must be number'] }),
  outcome: Type.Enum(['allowed', 'dropped', 'rejected'], { description: 'what became of it' }),
  count: Type.Integer({ description: 'calls' }),
  firstSeenAt: WHEN,
  lastSeenAt: WHEN,
});
/** Calls that differed from a source's plan in the same way. */
export type ViolationGroup = Value<typeof ViolationsDto>;

export const ViolationsPageDto = dto('ViolationsPageDto', {
  data: Type.Array(ViolationsDto, { description: 'the most frequent first' }),
});
