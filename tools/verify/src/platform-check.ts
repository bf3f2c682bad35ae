import { clickHouseCheck, createClickHouse } from '@tributary/clickhouse';
import { kafkaCheck, KafkaConnection, kafkaSecurityIn } from '@tributary/kafka';
import { VerifyError } from './verify.errors.js';
import type { VerifyOptions } from './verify.js';

const ANSWER_WITHIN_MS = 3_000;

/**
 * Whether the platform that is to be verified answers.
 *
 * @throws VerifyError that names all that does not, in one line
 */
export async function checkPlatform(options: VerifyOptions): Promise<void> {
  const { brokers, clickhouseUrl, api } = options;
  const [kafka, clickhouse, apiAnswers] = await Promise.all([
    kafkaAnswers(brokers),
    clickhouseUrl === undefined ? true : clickHouseAnswers(clickhouseUrl),
    api === undefined ? true : apiAnswersAt(api.url),
  ]);
  const silent = [
    ...(kafka ? [] : [`Kafka at ${brokers} (KAFKA_BROKERS)`]),
    ...(clickhouse ? [] : [`ClickHouse at ${originOf(clickhouseUrl ?? '')} (CLICKHOUSE_URL)`]),
    ...(apiAnswers ? [] : [`the api at ${api?.url ?? ''} (API_PORT)`]),
  ];
  if (silent.length === 0) return;
  throw new VerifyError(
    `There is no platform to verify: nothing answers of ${silent.join(', ')}. Start it in another terminal, with npm start, or set where it is.`,
  );
}

async function kafkaAnswers(brokers: string): Promise<boolean> {
  const connection = new KafkaConnection({
    brokers: brokers.split(','),
    clientId: 'verify',
    security: kafkaSecurityIn(process.env),
  });
  return kafkaCheck(connection)().catch(() => false);
}

async function clickHouseAnswers(url: string): Promise<boolean> {
  const client = createClickHouse({ url, database: 'default', requestTimeoutMs: ANSWER_WITHIN_MS });
  try {
    return await clickHouseCheck(client)();
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function apiAnswersAt(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return fetch(`${url}/health/live`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Without the user and the password that it may have. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
