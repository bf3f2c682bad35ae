// What keeps the platform from starting, found before anything is installed or started. Needs Node 20 and nothing else.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownSettings, misspeltSettings, wrongSettings } from './settings-check.mjs';

const ANSWER_WITHIN_MS = 3_000;
/** As tools/embedded-kafka keeps them. */
const KAFKA_JARS = fileURLToPath(new URL('../../node_modules/.cache/tributary/kafka-4.2.0', import.meta.url));
/** The settings of what listens; their defaults are in settings.json. */
const LISTENERS = [
  'COLLECTOR_PORT',
  'API_PORT',
  'IDENTITY_PORT',
  'PROFILE_BUILDER_PORT',
  'SEGMENTATION_PORT',
];

/** All that is wrong and all that looks wrong, a line each. */
export async function preflight(environment) {
  const settings = knownSettings();
  const wrong = wrongSettings(settings, environment);
  const notes = misspeltSettings(settings, environment);
  const of = (name) => environment[name] || settings[name]?.default;
  const isWrong = (name) => wrong.some((line) => line.startsWith(`${name} `));
  const { CLICKHOUSE_URL: clickHouse, DATABASE_URL: databaseUrl } = environment;
  const problems = await Promise.all([
    wrong,
    portProblems(of, isWrong),
    folderProblems(of('TRIBUTARY_DATA'), { isOfKafka: !environment.KAFKA_BROKERS }),
    kafkaOrJavaProblems(environment, isWrong),
    securityProblems(environment),
    clickHouse && !isWrong('CLICKHOUSE_URL') ? clickHouseProblems(clickHouse) : [],
    databaseUrl && !isWrong('DATABASE_URL') ? databaseProblems(databaseUrl) : [],
  ]);
  return { problems: problems.flat(), notes };
}

function securityProblems({ KAFKA_BROKERS: brokers, KAFKA_TLS: tls, KAFKA_SASL_MECHANISM: mechanism }) {
  if (brokers || (!/^(true|1)$/i.test(tls ?? '') && !mechanism)) return [];
  return [
    `KAFKA_BROKERS is not set, and ${mechanism ? 'KAFKA_SASL_MECHANISM' : 'KAFKA_TLS'} is: the Kafka that is started here speaks neither TLS nor SASL, and listens on this machine alone`,
  ];
}

async function portProblems(of, isWrong) {
  const address = of('BIND_ADDRESS');
  const listeners = LISTENERS.map((name) => ({ name, address }));
  if (!of('KAFKA_BROKERS')) listeners.push({ name: 'KAFKA_PORT', address: '127.0.0.1' });
  if (!of('CLICKHOUSE_URL')) listeners.push({ name: 'CLICKHOUSE_PORT', address: '127.0.0.1' });
  if (!of('DATABASE_URL')) listeners.push({ name: 'POSTGRES_PORT', address: '127.0.0.1' });
  const taken = new Map();
  const problems = [];
  for (const { name, address } of listeners) {
    const port = Number(of(name));
    if (port === 0 || isWrong(name)) continue;
    const other = taken.get(port);
    taken.set(port, name);
    if (other) problems.push(`${name} and ${other} are both ${port}: give each a port of its own`);
    else problems.push(...(await listenProblems(name, port, address)));
  }
  return problems;
}

async function listenProblems(name, port, address) {
  const server = createServer();
  const error = await new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
  if (!error) return [];
  if (error.code !== 'EADDRINUSE') return [`${name}: cannot listen on ${address}:${port} (${error.code})`];
  return [
    `port ${port} is in use: stop what listens there, or set ${name} to another port (0: any free one)`,
  ];
}

/** Whether a folder can be made there: only trying it tells, for some file systems say yes and make none. */
async function folderProblems(dataDir, { isOfKafka }) {
  if (isOfKafka && resolve(dataDir).includes(',')) {
    return [
      `data folder ${resolve(dataDir)} has a comma in its path, which Kafka takes for two folders: set TRIBUTARY_DATA to another`,
    ];
  }
  let existing = resolve(dataDir);
  while (
    !(await access(existing).then(
      () => true,
      () => false,
    ))
  )
    existing = dirname(existing);
  try {
    await rm(await mkdtemp(join(existing, '.tributary-')), { recursive: true });
    return [];
  } catch (error) {
    return [
      `data folder ${resolve(dataDir)} cannot be written (${error.code}): set TRIBUTARY_DATA to a folder that this user may write`,
    ];
  }
}

async function kafkaOrJavaProblems(environment, isWrong) {
  const { KAFKA_BROKERS: brokers } = environment;
  if (!brokers) return javaProblems(environment);
  if (isWrong('KAFKA_BROKERS')) return [];
  const answers = await Promise.all(brokers.split(',').map(answersAt));
  if (answers.includes(true)) return [];
  return [
    `KAFKA_BROKERS is ${brokers}, and nothing answers there: start Kafka, or unset it for one that is started here`,
  ];
}

function answersAt(broker) {
  const [, host, port] = /^(.*):(\d+)$/.exec(broker) ?? [];
  if (!host || Number(port) > 65_535) return false;
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => done(false));
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

/** The url may have a user and a password in it, which `fetch` refuses and no line may show. */
async function clickHouseProblems(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return [`CLICKHOUSE_URL is no URL: expected one such as http://127.0.0.1:8123`];
  const credentials = basic(url);
  if (credentials === undefined) {
    return ['CLICKHOUSE_URL has a "%" in its user or password that begins no escape: write it as %25'];
  }
  const headers = url.username ? { authorization: credentials } : {};
  url.username = url.password = '';
  url.searchParams.set('query', 'SELECT 1');
  const where = `CLICKHOUSE_URL is ${url.origin}`;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const body = (await response.text()).trim();
    if (response.ok && body === '1') return [];
    return [
      `${where}, and it answers ${response.status}, not as ClickHouse does: ${body.split('\n')[0].slice(0, 200)}`,
    ];
  } catch {
    return [
      `${where}, and nothing answers there: start ClickHouse, or unset it for one that is started here`,
    ];
  }
}

async function databaseProblems(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname)
    return ['DATABASE_URL names no server: expected postgres://user:password@host:port/name'];
  const where = `${url.hostname}:${url.port || 5432}`;
  if (await answersAt(where)) return [];
  return [
    `DATABASE_URL names ${where}, and nothing answers there: start PostgreSQL, or unset it for one that is started here`,
  ];
}

/** Undefined where an escape in the user or the password is none. */
function basic({ username, password }) {
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    return undefined;
  }
}

function javaProblems({ JAVA_HOME, PATH }) {
  const java = JAVA_HOME ? join(JAVA_HOME, 'bin/java') : 'java';
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
  const problems = [];
  if (version < 17) {
    const found = version === 0 ? `"${java}" cannot be run` : `"${java}" is version ${version}`;
    problems.push(
      `Kafka needs Java 17 or newer, and ${found}: install a JRE and put it on PATH, or set JAVA_HOME`,
    );
  }
  if (!existsSync(KAFKA_JARS) && !isOnPath('mvn', PATH)) {
    problems.push('Kafka is fetched with Maven, and "mvn" is not on PATH: install Maven 3.6 or newer');
  }
  return problems;
}

function isOnPath(program, path = '') {
  return path.split(delimiter).some((folder) => existsSync(join(folder, program)));
}
