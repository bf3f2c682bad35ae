import { SourceMessage, type TrackingPlan, type WebhookMapping } from '@tributary/contracts';
import { compileWebhook } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { compilePlan } from '@tributary/plans';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { Compile } from 'typebox/compile';
import type { ApiFailure } from '../http/api.errors.js';

/** What is wrong with which part of a source, and what would be right. */
interface Problem {
  readonly field: string;
  readonly message: string;
}

const STANDARD_KEY_BYTES = 16;
const validator = Compile(SourceMessage);

/** A source that can be put in force, or all that is wrong with it. */
export async function checkSource(candidate: unknown): Promise<Result<SourceMessage, ApiFailure>> {
  const shape = validator.Check(candidate) ? [] : shapeProblems(candidate);
  if (shape.length > 0) return failed(toFailure(shape));
  const source = candidate as SourceMessage;
  const problems = [
    ...originProblems(source.allowedOrigins ?? []),
    ...keyProblems(source.writeKeys.map(({ key }) => key)),
    ...(source.webhook ? webhookProblems(source.webhook) : []),
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
