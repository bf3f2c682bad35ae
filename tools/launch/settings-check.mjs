// Checks the environment against settings.json, which is generated from the schemas of the services. It needs nothing
// that is installed, so that `npm start` can name wrong settings before it installs. The services check again.
import { accessSync, constants, readFileSync } from 'node:fs';

const DEV_SECRETS = { TRIBUTARY_WRITE_KEY: 'dev-write-key', TRIBUTARY_API_TOKEN: 'dev-api-token' };
const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;
/** A name that differs in so few letters is a slip. */
const SLIP = 2;

/** The settings of every program: environment variable → JSON schema. */
export function knownSettings() {
  return JSON.parse(readFileSync(new URL('settings.json', import.meta.url), 'utf8'));
}

/** One line for each variable that has a value it cannot have. A variable that is empty counts as not set. */
export function wrongSettings(settings, environment) {
  const lines = [];
  for (const [name, schema] of Object.entries(settings)) {
    const text = environment[name] ?? '';
    if (text === '' || isValid(schema, text)) continue;
    const shown = schema.secret ? 'is not valid' : `is "${text}"`;
    lines.push(`${name} ${shown}, expected ${expected(schema)}: ${schema.description}`);
  }
  return lines.length > 0
    ? lines
    : [
        ...developmentSecrets(environment),
        ...missingCompany(settings, environment),
        ...missingFiles(settings, environment),
      ];
}

function isValid({ type, enum: choices, minimum, maximum, minLength, pattern }, text) {
  if (choices) return choices.map(String).includes(text);
  switch (type) {
    case 'integer':
      return /^-?\d+$/.test(text) && inRange(Number(text), minimum, maximum);
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) && inRange(Number(text), minimum, maximum);
    case 'boolean':
      return /^(true|false|1|0)$/i.test(text);
    default:
      return text.length >= (minLength ?? 0) && (pattern === undefined || new RegExp(pattern).test(text));
  }
}

function inRange(value, least = -Infinity, most = Infinity) {
  return value >= least && value <= most;
}

function expected({ type, enum: choices, minimum, maximum, examples }) {
  if (choices) return `one of ${choices.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  const bounds = [
    ...(minimum === undefined ? [] : [`${minimum} at least`]),
    ...(maximum === undefined ? [] : [`${maximum} at most`]),
    ...(examples?.[0] === undefined ? [] : [`such as ${examples[0]}`]),
  ];
  const what = { integer: 'a whole number', number: 'a number' }[type] ?? 'a text';
  return [what, ...bounds].join(', ');
}

/** The settings that must be set where others are, as their schemas say. */
function missingCompany(settings, environment) {
  return Object.entries(settings).flatMap(([name, { asks = [] }]) => {
    const text = environment[name] ?? '';
    if (text === '') return [];
    const asked = Array.isArray(asks) ? asks : (asks[text] ?? []);
    const given = Array.isArray(asks) ? `${name} is` : `${name} is ${text}`;
    return asked
      .filter((other) => /^(false|0)?$/i.test(environment[other] ?? ''))
      .map((other) => `${other} is not set, and ${given}`);
  });
}

/** What is in a file that is there, the services look at. */
function missingFiles(settings, environment) {
  return Object.entries(settings).flatMap(([name, { file }]) => {
    const path = environment[name] ?? '';
    if (file === undefined || path === '') return [];
    try {
      accessSync(path, constants.R_OK);
      return [];
    } catch (error) {
      return [`${name} is "${path}", which cannot be read (${error.code})`];
    }
  });
}

function developmentSecrets(environment) {
  const address = environment.BIND_ADDRESS || '127.0.0.1';
  if (LOOPBACK.test(address)) return [];
  return Object.entries(DEV_SECRETS)
    .filter(([name, value]) => (environment[name] || value) === value)
    .map(
      ([name]) =>
        `${name} has its development value and BIND_ADDRESS is ${address}: set a secret of your own, or bind to 127.0.0.1`,
    );
}

/** One line for each variable whose name is nearly that of a setting. */
export function misspeltSettings(settings, environment) {
  const names = Object.keys(settings);
  return Object.keys(environment)
    .filter((name) => !(name in settings) && /^[A-Z_]{6,}$/.test(name))
    .flatMap((name) => {
      const near = names.find((known) => distance(name, known) <= SLIP);
      return near === undefined ? [] : [`${name} is no setting and is ignored; did you mean ${near}?`];
    });
}

/** Levenshtein's distance. */
function distance(a, b) {
  if (Math.abs(a.length - b.length) > SLIP) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
