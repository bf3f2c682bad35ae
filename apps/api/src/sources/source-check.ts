import type { SourceMessage, TrackingPlan, WebhookMapping } from '@tributary/contracts';
import { compileWebhook } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { compilePlan } from '@tributary/plans';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { ApiFailure } from '../http/api.errors.js';
import type { Value } from '../http/dto.js';
import { invalidRequest, problem, type Problem } from '../http/problems.js';
import type { SourceBody } from './source.dto.js';

/** A source as it is sent: its signature may be without a secret. */
export type SourceDraft = Omit<Value<typeof SourceMessage>, 'webhook'> & Pick<SourceBody, 'webhook'>;

const STANDARD_KEY_BYTES = 16;

/** A source that can be put in force, or all that is wrong with it beside its shape. */
export async function checkSource(draft: SourceDraft): Promise<Result<SourceMessage, ApiFailure>> {
  const { signature } = draft.webhook ?? {};
  if (signature && signature.secret === undefined) {
    return failed(
      invalidRequest([problem('webhook.signature', 'has no secret: send it, it was never sent')]),
    );
  }
  const source = draft as SourceMessage;
  const problems = [
    ...originProblems(source.allowedOrigins ?? []),
    ...keyProblems(source.writeKeys.map(({ key }) => key)),
    ...(source.webhook ? webhookProblems(source.webhook) : []),
    ...(source.webhook ? eventProblems(source, source.webhook) : []),
    ...(source.plan ? await planProblems(source.plan) : []),
  ];
  return problems.length > 0 ? failed(invalidRequest(problems)) : ok(source);
}

function originProblems(origins: readonly string[]): readonly Problem[] {
  return origins.flatMap((origin, i) => {
    if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
    const message = 'must be an origin: scheme, host and port if any, such as https://shop.example';
    return [problem(`allowedOrigins[${i}]`, message)];
  });
}

function keyProblems(keys: readonly string[]): readonly Problem[] {
  return keys.flatMap((key, i) =>
    keys.indexOf(key) < i ? [problem(`writeKeys[${i}].key`, 'is in the list twice')] : [],
  );
}

function webhookProblems(webhook: WebhookMapping): readonly Problem[] {
  const { signature, ...rules } = webhook;
  const problems: Problem[] = [];
  if (signature?.scheme === 'hmac-sha256' && signature.header === undefined) {
    problems.push(problem('webhook.signature.header', 'is required by the scheme hmac-sha256'));
  }
  if (signature?.scheme === 'standard-webhooks' && !isStandardSecret(signature.secret)) {
    const message = 'must be base64 of at least 16 bytes, with or without whsec_ before it';
    problems.push(problem('webhook.signature.secret', message));
  }
  const compiled = compileWebhook(rules);
  if (compiled.ok) return problems;
  return [...problems, ...compiled.error.map(({ field, message }) => problem(`webhook.${field}`, message))];
}

/** Each would be found out by the first webhook only: every call that it makes would be rejected. */
function eventProblems(source: SourceMessage, webhook: WebhookMapping): readonly Problem[] {
  const needed = NEEDED[webhook.type];
  const problems: Problem[] = [];
  if (webhook.type === 'alias') {
    const message = 'cannot be alias: such a call needs a previousId, and a mapping has none';
    problems.push(problem('webhook.type', message));
  }
  if (needed && webhook[needed] === undefined) {
    const message = `is missing: a ${webhook.type} call without it is rejected; a fixed text is in quotes: "'${FIXED[needed]}'"`;
    problems.push(problem(`webhook.${needed}`, message));
  }
  if (!mayName(source, webhook)) {
    const message =
      'names nobody: a call needs an identifier. map userId, anonymousId or externalIds; or traits with email or phone; or what identifierKeys names';
    problems.push(problem('webhook', message));
  }
  return problems;
}

const NEEDED: Partial<Record<WebhookMapping['type'], 'event' | 'groupId'>> = {
  track: 'event',
  group: 'groupId',
};
const FIXED = { event: 'Order Completed', groupId: 'acme' } as const;

/** Whether a call that it makes may have an identifier; what the expressions find is not known before. */
function mayName({ identifierKeys = {} }: SourceMessage, webhook: WebhookMapping): boolean {
  const { type, userId, anonymousId, externalIds = {}, traits, properties } = webhook;
  if (userId !== undefined || anonymousId !== undefined || hasMembers(externalIds)) return true;
  if (properties !== undefined && hasMembers(identifierKeys.properties)) return true;
  if (traits === undefined || type === 'group') return false;
  return (
    typeof traits === 'string' || 'email' in traits || 'phone' in traits || hasMembers(identifierKeys.traits)
  );
}

function hasMembers(record: object = {}): boolean {
  return Object.keys(record).length > 0;
}

/** Node reads base64 up to where it is none: a misspelt secret would be a short key, or an empty one. */
function isStandardSecret(secret: string): boolean {
  const text = secret.replace(/^whsec_/, '').replace(/={1,2}$/, '');
  const key = Buffer.from(text, 'base64');
  return key.length >= STANDARD_KEY_BYTES && key.toString('base64').replace(/=+$/, '') === text;
}

async function planProblems(plan: TrackingPlan): Promise<readonly Problem[]> {
  const compiled = await compilePlan(plan, turnOfOthers);
  if (compiled.ok) return [];
  return compiled.error.map(({ path, message }) => problem(`plan.${path}`, message));
}
