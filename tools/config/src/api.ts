import { failed, ok, type Result } from '@tributary/kernel';
import type { Api } from './arguments.js';
import { ConfigError, reasonOf } from './config.errors.js';
import type { Plan } from './plan-text.js';

/** Something that the api finds wrong, at its place in what was sent, where it has one. */
export interface ApiFault {
  readonly field?: string;
  readonly message: string;
}

/** A plan, and whether all of it is in force already. */
export interface Answer {
  readonly plan: Plan;
  readonly isUnderWay: boolean;
}

/** All definitions. @throws ConfigError */
export async function exported(api: Api, withKeys: boolean): Promise<object> {
  const response = await ask(api, `?writeKeys=${withKeys}`, {});
  if (!response.ok) throw new ConfigError(faultsIn(response).map(({ message }) => message));
  return response.body as object;
}

/** Plans or, with a digest, applies what was planned. @throws ConfigError it does not answer */
export async function put(
  api: Api,
  body: object,
  { prune, digest, reason }: { readonly prune: boolean; readonly digest?: string; readonly reason?: string },
): Promise<Result<Answer, readonly ApiFault[]>> {
  const headers = {
    'content-type': 'application/json',
    ...(digest === undefined ? {} : { 'if-match': `"${digest}"` }),
    // fetch takes headers as Latin-1; the api reads UTF-8.
    ...(reason === undefined ? {} : { 'x-reason': Buffer.from(reason).toString('latin1') }),
  };
  const query = `?prune=${prune}&dryRun=${digest === undefined}`;
  const response = await ask(api, query, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!response.ok) return failed(faultsIn(response));
  return ok({ plan: response.body as Plan, isUnderWay: response.status === 202 });
}

interface Response {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

const PATIENCE_MS = 120_000;

async function ask({ url, token, workspace }: Api, query: string, init: RequestInit): Promise<Response> {
  const address = `${url}/v1/definitions${query}`;
  try {
    const response = await fetch(address, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        ...(workspace === undefined ? {} : { 'x-workspace': workspace }),
        ...(init.headers as Record<string, string>),
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    return { ok: response.ok, status: response.status, body: JSON.parse(text) };
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    throw new ConfigError([`the api does not answer at ${url}: ${reasonOf(cause ?? error)}`], {
      cause: error,
    });
  }
}

function faultsIn({ body, status }: Response): readonly ApiFault[] {
  const { error } = body as { readonly error?: { readonly message?: string; readonly details?: unknown } };
  const details = error?.details;
  const named = Array.isArray(details) ? (details as readonly Partial<ApiFault>[]) : [];
  const faults = named.flatMap(({ field, message }) =>
    field === undefined || message === undefined ? [] : [{ field, message }],
  );
  return faults.length > 0 ? faults : [{ message: error?.message ?? `the api answers ${status}` }];
}
