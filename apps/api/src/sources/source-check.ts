import { SourceMessage, type TrackingPlan, type WebhookMapping } from '@tributary/contracts';
import { compileWebhook } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { compilePlan } from '@tributary/plans';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { Compile } from 'typebox/compile';
import type { ApiFailure } from '../http/api.errors.js';
import { unknownMembers } from '../http/unknown-members.js';

/** What is wrong with which part of a source, and what would be right. */
interface Problem {
  readonly field: string;
  readonly message: string;
}

const STANDARD_KEY_BYTES = 16;
const validator = Compile(SourceMessage);

/**
 * A source that can be put in force, or all that is wrong with it. What was sent is checked for more than what is
 * stored: for members that would be ignored, and for a webhook that can make no event.
 */
export async function checkSource(
  candidate: unknown,
  origin: 'sent' | 'stored',
): Promise<Result<SourceMessage, ApiFailure>> {
  const shape = [
    ...(origin === 'sent' ? unknownMembers(SourceMessage, candidate) : []),
    ...(validator.Check(candidate) ? [] : shapeProblems(candidate)),
  ];
  if (shape.length > 0) return failed(toFailure(shape));
  const source = candidate as SourceMessage;
  const problems = [
    ...originProblems(source.allowedOrigins ?? []),
    ...keyProblems(source.writeKeys.map(({ key }) => key)),
    ...(source.webhook ? webhookProblems(source.webhook) : []),
    ...(source.webhook && origin === 'sent' ? eventProblems(source, source.webhook) : []),
    ...(source.plan ? await planProblems(source.plan) : []),
  ];
  return problems.length > 0 ? failed(toFailure(problems)) : ok(source);
}

function shapeProblems(candidate: unknown): readonly Problem[] {
  const problems = new Map<string, string>();
  for (const { instancePath, message, params } of validator.Errors(candidate)) {
    const field = instancePath
      .slice(1)
      .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
      .replaceAll('/', '.');
    const allowed = (params as { readonly allowedValues?: readonly unknown[] }).allowedValues;
    problems.set(field, allowed ? `${message}: ${allowed.join(', ')}` : message);
  }
  return [...problems].map(([field, message]) => ({ field, message }));
}

function originProblems(origins: readonly string[]): readonly Problem[] {
  return origins.flatMap((origin, i) => {
    if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
    const message = 'must be an origin: scheme, host and port if any, such as https://shop.example';
    return [{ field: `allowedOrigins[${i}]`, message }];
  });
}

function keyProblems(keys: readonly string[]): readonly Problem[] {
  return keys.flatMap((key, i) =>
    keys.indexOf(key) < i ? [{ field: `writeKeys[${i}].key`, message: 'is in the list twice' }] : [],
  );
}

function webhookProblems(webhook: WebhookMapping): readonly Problem[] {
  const { signature, ...rules } = webhook;
  const problems: Problem[] = [];
  if (signature?.scheme === 'hmac-sha256' && signature.header === undefined) {
    problems.push({ field: 'webhook.signature.header', message: 'is required by the scheme hmac-sha256' });
  }
  if (signature?.scheme === 'standard-webhooks' && !isStandardSecret(signature.secret)) {
    const message = 'must be base64 of at least 16 bytes, with or without whsec_ before it';
    problems.push({ field: 'webhook.signature.secret', message });
  }
  const compiled = compileWebhook(rules);
  if (compiled.ok) return problems;
  return [
    ...problems,
    ...compiled.error.map(({ field, message }) => ({ field: `webhook.${field}`, message })),
  ];
}

/** Each would be found out by the first webhook only: every call that it makes would be rejected. */
function eventProblems(source: SourceMessage, webhook: WebhookMapping): readonly Problem[] {
  const needed = NEEDED[webhook.type];
  const problems: Problem[] = [];
  if (webhook.type === 'alias') {
    const message = 'cannot be alias: such a call needs a previousId, and a mapping has none';
    problems.push({ field: 'webhook.type', message });
  }
  if (needed && webhook[needed] === undefined) {
    const message = `is missing: a ${webhook.type} call without it is rejected; a fixed text is in quotes: "'${FIXED[needed]}'"`;
    problems.push({ field: `webhook.${needed}`, message });
  }
  if (!mayName(source, webhook)) {
    const message =
      'names nobody: a call needs an identifier. map userId, anonymousId or externalIds; or traits with email or phone; or what identifierKeys names';
    problems.push({ field: 'webhook', message });
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
  return compiled.error.map(({ path, message }) => ({ field: `plan.${path}`, message }));
}

/** As many as a reader can mend at a time. */
const SHOWN = 20;

function toFailure(problems: readonly Problem[]): ApiFailure {
  const details = problems.slice(0, SHOWN);
  return {
    code: 'invalid_request',
    message: details.map(({ field, message }) => `${field} ${message}`).join('; '),
    details,
  };
}
