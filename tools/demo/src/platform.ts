import { failed, ok, type Result } from '@tributary/kernel';

/** Where a running platform is, and its keys. */
export interface Platform {
  readonly collectorUrl: string;
  readonly apiUrl: string;
  readonly brokers: readonly string[];
  readonly workspaceId: string;
  readonly writeKey: string;
  readonly apiToken: string;
}

export function platformOf(environment: Readonly<Record<string, string | undefined>>): Platform {
  const setting = (name: string, usual: string) => environment[name] ?? usual;
  return {
    collectorUrl: `http://127.0.0.1:${setting('COLLECTOR_PORT', '8080')}`,
    apiUrl: `http://127.0.0.1:${setting('API_PORT', '8081')}`,
    brokers: setting('KAFKA_BROKERS', `127.0.0.1:${setting('KAFKA_PORT', '9092')}`).split(','),
    workspaceId: setting('TRIBUTARY_WORKSPACE', 'default'),
    writeKey: setting('TRIBUTARY_WRITE_KEY', 'dev-write-key'),
    apiToken: setting('TRIBUTARY_API_TOKEN', 'dev-api-token'),
  };
}

/** Whether collector and api are ready; the error says which is not. */
export async function checkPlatform(platform: Platform): Promise<Result<undefined, string>> {
  for (const url of [platform.collectorUrl, platform.apiUrl]) {
    const ready = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    if (!ready)
      return failed(`Nothing answers on ${url}. Start the platform first, in another terminal: npm start`);
    if (!ready.ok) return failed(`The service on ${url} is not ready yet: ${await ready.text()}`);
  }
  return ok(undefined);
}

export interface AudienceDefinition {
  readonly key: string;
  readonly name: string;
  readonly query: string;
}

/** Defines an audience, or leaves it as it is when it is the same already. */
export async function putAudience(
  platform: Platform,
  { key, name, query }: AudienceDefinition,
): Promise<Result<undefined, string>> {
  const url = `${platform.apiUrl}/v1/audiences/${key}`;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { ...authorization(platform), 'content-type': 'application/json' },
    body: JSON.stringify({ name, query }),
  });
  return response.ok
    ? ok(undefined)
    : failed(`PUT ${url} answered ${response.status}: ${await response.text()}`);
}

/** `building`, `live` or `failed`; undefined when the api does not say. */
export async function audienceState(platform: Platform, key: string): Promise<string | undefined> {
  const response = await fetch(`${platform.apiUrl}/v1/audiences/${key}`, {
    headers: authorization(platform),
  });
  if (!response.ok) return undefined;
  const { state } = (await response.json()) as { readonly state?: string };
  return state;
}

function authorization({ apiToken }: Platform) {
  return { authorization: `Bearer ${apiToken}` };
}
