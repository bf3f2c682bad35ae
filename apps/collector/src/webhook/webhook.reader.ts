import type { WebhookMapping } from '@tributary/contracts';
import { compileWebhook, type Webhook, type WebhookError } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import type { Payload } from '../intake/payload.js';
import type { Refusal } from '../intake/reasons.js';
import { REQUEST_LIMITS } from '../limits.js';
import type { Source } from '../sources/source-registry.port.js';

const compiled = new WeakMap<WebhookMapping, Result<Webhook, readonly WebhookError[]>>();

/** The calls that the source's mapping makes of a body. */
export function readWebhook(body: unknown, { webhook: mapping }: Source): Result<Payload, Refusal> {
  if (!mapping) return failed({ code: 'no_webhook' });
  if (typeof body !== 'object' || body === null) return failed({ code: 'invalid_body', message: EXPECTED });
  const webhook = compiledOf(mapping);
  if (!webhook.ok) {
    const message = webhook.error.map(({ field, message }) => `webhook.${field} ${message}`).join('; ');
    return failed({ code: 'nothing_found', message });
  }
  const calls = webhook.value(body);
  if (!calls.ok) return failed({ code: 'nothing_found', message: calls.error });
  if (calls.value.length > REQUEST_LIMITS.calls) return failed({ code: 'too_many_calls' });
  return ok({ calls: calls.value });
}

const EXPECTED = 'expected a JSON object or array';

function compiledOf(mapping: WebhookMapping): Result<Webhook, readonly WebhookError[]> {
  let webhook = compiled.get(mapping);
  if (!webhook) {
    webhook = compileWebhook(mapping);
    compiled.set(mapping, webhook);
  }
  return webhook;
}
