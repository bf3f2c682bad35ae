import { NamespaceRule } from '@tributary/contracts';
import { ruleFaults, ruleIn, DEFAULT_RULES, type RuleFault, type RulesDefinition } from '@tributary/identity';
import { failed, ok, type Result } from '@tributary/kernel';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { ApiFailure } from '../../http/api.errors.js';
import { unknownField } from '../../http/unknown-members.js';

/** What Kafka takes in one record, with room for the rest of it. */
const MOST_BYTES = 512 * 1024;
/** As many as a reader can mend at a time. */
const SHOWN = 50;

/** What a reader sends back with the rules as they were shown: it is no part of them. */
const READ_ONLY = ['version', 'updatedAt'];

const FIELDS = Object.keys(NamespaceRule.properties);
const OPTIONAL = ['nobody', 'format'];
const body = Compile(Type.Object({ namespaces: Type.Record(Type.String(), Type.Unknown()) }));
const rule = Compile(NamespaceRule);

/** Rules that can be in force, or all that is wrong with them. */
export function checkRules(candidate: unknown): Result<RulesDefinition, ApiFailure> {
  if (!body.Check(candidate)) {
    const message = 'must be an object that holds a rule by namespace: {"namespaces": {"*": {…}}}';
    return failed(toFailure([{ field: 'namespaces', message }]));
  }
  const faults: RuleFault[] = unknownFields(candidate, ['namespaces'], '', READ_ONLY);
  const namespaces: Record<string, RulesDefinition['namespaces'][string]> = {};
  for (const [name, given] of Object.entries(candidate.namespaces)) {
    const wrong = shapeFaults(given, `namespaces.${name}`);
    faults.push(...wrong);
    // One that is misshapen is still a rule of its namespace, and not in the way of what else is wrong.
    namespaces[name] =
      wrong.length > 0 ? ruleIn(DEFAULT_RULES, '*') : (given as RulesDefinition['namespaces'][string]);
  }
  faults.push(...ruleFaults({ namespaces }));
  const bytes = Buffer.byteLength(JSON.stringify(candidate));
  if (bytes > MOST_BYTES)
    faults.push({ field: 'namespaces', message: `takes ${bytes} bytes: at most ${MOST_BYTES}` });
  return faults.length > 0 ? failed(toFailure(faults)) : ok({ namespaces });
}

function shapeFaults(given: unknown, within: string): RuleFault[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return [{ field: within, message: `must be an object of ${FIELDS.join(', ')}` }];
  const missing = FIELDS.filter((name) => !(name in given) && !OPTIONAL.includes(name)).map((name) => ({
    field: `${within}.${name}`,
    message: 'is missing: a rule is sent whole',
  }));
  const wrong = new Map<string, string>();
  for (const { keyword, instancePath, message, params } of rule.Check(given) ? [] : rule.Errors(given)) {
    if (keyword === 'required') continue;
    const allowed = (params as { readonly allowedValues?: readonly unknown[] }).allowedValues;
    wrong.set(fieldOf(within, instancePath), allowed ? `${message}: ${allowed.join(', ')}` : message);
  }
  return [
    ...missing,
    ...[...wrong].map(([field, message]) => ({ field, message })),
    ...unknownFields(given, FIELDS, `${within}.`),
  ];
}

function fieldOf(within: string, instancePath: string): string {
  return within + instancePath.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.');
}

function unknownFields(
  given: object,
  known: readonly string[],
  within: string,
  readOnly: readonly string[] = [],
): RuleFault[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name) && !readOnly.includes(name))
    .map((name) => unknownField(name, `${within}${name}`, known));
}

function toFailure(faults: readonly RuleFault[]): ApiFailure {
  const details = faults.slice(0, SHOWN);
  const more = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : '';
  return {
    code: 'invalid_request',
    message: details.map(({ field, message }) => `${field} ${message}`).join('; ') + more,
    details,
  };
}
