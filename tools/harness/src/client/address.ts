/** Where a platform answers, without a slash at the end, and what opens it. */
export interface Address {
  readonly collectorUrl: string;
  readonly apiUrl: string;
  readonly writeKey: string;
  readonly apiToken: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The keys that a platform has by its settings. Empty counts as not set. */
export function keysOf(environment: Environment): Pick<Address, 'writeKey' | 'apiToken'> {
  return {
    writeKey: setting(environment, 'TRIBUTARY_WRITE_KEY', 'dev-write-key'),
    apiToken: setting(environment, 'TRIBUTARY_API_TOKEN', 'dev-api-token'),
  };
}

/** Where the platform runs that `npm start` starts with these settings. Empty counts as not set. */
export function addressOf(
  environment: Environment,
): Address & { readonly brokers: readonly string[]; readonly workspaceId: string } {
  const of = (name: string, usual: string) => setting(environment, name, usual);
  return {
    ...keysOf(environment),
    collectorUrl: `http://127.0.0.1:${of('COLLECTOR_PORT', '8080')}`,
    apiUrl: `http://127.0.0.1:${of('API_PORT', '8081')}`,
    brokers: of('KAFKA_BROKERS', `127.0.0.1:${of('KAFKA_PORT', '9092')}`).split(','),
    workspaceId: of('TRIBUTARY_WORKSPACE', 'default'),
  };
}

function setting(environment: Environment, name: string, usual: string): string {
  const text = environment[name];
  return text === undefined || text === '' ? usual : text;
}
