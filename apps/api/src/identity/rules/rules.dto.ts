import { guardOf, NamespaceRule } from '@tributary/contracts';
import { DEFAULT_RULES, ruleFaults, ruleIn } from '@tributary/identity';
import Type from 'typebox';
import { dto, nullable, parameters, type Value } from '../../http/dto.js';
import { WHEN } from '../../http/members.js';
import { problem, type Problem } from '../../http/problems.js';

/** What Kafka takes in one record, with room for the rest of it. */
const MOST_BYTES = 512 * 1024;

const NAMESPACES = {
  description:
    'by namespace; `name.*` is for all that begin so and have no rule of their own, `*` for all others',
  examples: [DEFAULT_RULES.namespaces],
};

/** A reader may send back what is shown beside the rules: it is no part of them. */
export const RulesBody = dto(
  'RulesBody',
  {
    namespaces: Type.Record(
      Type.String(),
      Type.Object(NamespaceRule.properties, {
        errorMessage: { required: 'is missing: a rule is sent whole' },
      }),
      {
        ...NAMESPACES,
        errorMessage: 'must be an object that holds a rule by namespace: {"namespaces": {"*": {…}}}',
      },
    ),
    version: Type.Optional(Type.Integer({ readOnly: true })),
    updatedAt: Type.Optional(Type.Unknown({ readOnly: true })),
  },
  faultsOf,
);
export type RulesBody = Value<typeof RulesBody>;

const isRule = guardOf(NamespaceRule);

/** One that is misshapen is still a rule of its namespace, and not in the way of what else is wrong. */
function faultsOf(body: Readonly<Record<string, unknown>>): readonly Problem[] {
  const sent = body.namespaces;
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return [];
  const namespaces = Object.fromEntries(
    Object.entries(sent).map(([name, rule]: [string, unknown]) => [
      name,
      isRule(rule) ? rule : ruleIn(DEFAULT_RULES, '*'),
    ]),
  );
  const bytes = Buffer.byteLength(JSON.stringify(body));
  return [
    ...ruleFaults({ namespaces }).map(({ field, message }) => problem(field, message)),
    ...(bytes > MOST_BYTES ? [problem('namespaces', `takes ${bytes} bytes: at most ${MOST_BYTES}`)] : []),
  ];
}

export const RulesDto = dto('RulesDto', {
  namespaces: Type.Record(Type.String(), NamespaceRule, NAMESPACES),
  version: Type.Integer({
    description: 'grows with every change; -1: the built-in rules. The ETag is the same number in quotes',
  }),
  updatedAt: nullable(WHEN, 'null: they are built in'),
});
/** The rules in force. */
export type ShownRules = Value<typeof RulesDto>;

export const DryRunQuery = parameters({
  dryRun: Type.Enum(['true', 'false'], {
    default: 'false',
    description: 'true: nothing is changed, and the answer says what would be',
    errorMessage: 'must be true or false',
  }),
});
export type DryRunQuery = Value<typeof DryRunQuery>;
