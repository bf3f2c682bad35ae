import type { SourceMessage, WebhookMapping } from '@tributary/contracts';
import type { StoredSource } from './kafka.source-catalog.js';

/** A source as the API shows it; `SourceDto` describes it. */
export interface ShownSource extends Omit<SourceMessage, 'workspaceId' | 'webhook'> {
  readonly webhook?: ShownWebhook;
  readonly version: number;
}

export interface ShownWebhook extends Omit<WebhookMapping, 'signature'> {
  readonly signature?: Omit<NonNullable<WebhookMapping['signature']>, 'secret'>;
}

export function toShownSource({ value, version }: StoredSource): ShownSource {
  const { workspaceId: _workspaceId, createdAt, updatedAt, webhook, ...source } = value;
  return { ...source, ...(webhook && { webhook: withoutSecret(webhook) }), version, createdAt, updatedAt };
}

/** The secret of a signature is written, and never read again. */
function withoutSecret({ signature, ...webhook }: WebhookMapping): ShownWebhook {
  if (!signature) return webhook;
  const { secret: _secret, ...shown } = signature;
  return { ...webhook, signature: shown };
}
