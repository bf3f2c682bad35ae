import Type from 'typebox';
import { AudienceBody } from '../audiences/audience.dto.js';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { openApiOf } from '../http/openapi-schema.js';
import type { Problem } from '../http/problems.js';
import { RulesBody } from '../identity/rules/rules.dto.js';
import { SplitItem } from '../identity/splits/split.dto.js';
import { SourceBody } from '../sources/source.dto.js';
import { TraitRuleBody } from '../trait-rules/trait-rule.dto.js';
import { TraitBody } from '../traits/trait.dto.js';
import { isObject, type SectionName } from './section.js';

const FILE = Type.Object(
  {
    sources: Type.Optional(
      Type.Record(Type.String(), SourceBody, {
        description:
          'by id. Write keys stay as they are unless they are sent; `***` for the secret of a signature: it stays, too',
      }),
    ),
    audiences: Type.Optional(Type.Record(Type.String(), AudienceBody, { description: 'by key' })),
    traits: Type.Optional(Type.Record(Type.String(), TraitBody, { description: 'by key' })),
    traitRules: Type.Optional(
      Type.Record(Type.String(), TraitRuleBody, { description: 'by the name of the trait' }),
    ),
    rules: Type.Optional(RulesBody),
    splits: Type.Optional(Type.Array(SplitItem)),
  },
  {
    title: 'DefinitionsBody',
    description: 'a kind that is not there is left as it is, also where others are pruned',
  },
);

/** What is sent: each definition in it is validated as its own route does it, so that all faults are told at once. */
export type DefinitionsBody = Readonly<Partial<Record<SectionName, unknown>>>;
export const DefinitionsBody = {
  '~standard': {
    version: 1,
    vendor: 'typebox',
    validate: (sent: unknown) => {
      const issues = faultsOf(sent);
      return issues.length > 0 ? { issues } : { value: sent as DefinitionsBody };
    },
    jsonSchema: { input: () => openApiOf(FILE), output: () => openApiOf(FILE) },
  },
} as const;

function faultsOf(sent: unknown): readonly Problem[] {
  if (isObject(sent)) return [];
  const message = 'The body must be a JSON object of definitions.';
  return [{ field: '', detail: message, message }];
}

const flag = (description: string) =>
  Type.Enum(['true', 'false'], { default: 'false', description, errorMessage: 'must be true or false' });

export const ExportQuery = parameters({
  writeKeys: flag('true: with the write keys of sources'),
});
export type ExportQuery = Value<typeof ExportQuery>;

export const ApplyQuery = parameters({
  dryRun: flag('true: nothing is changed, and the answer says what would be'),
  prune: flag('true: what is there and not in the body is removed, of the kinds that the body has'),
});
export type ApplyQuery = Value<typeof ApplyQuery>;

export const DefinitionsDto = {
  '~standard': { ...DefinitionsBody['~standard'], validate: undefined },
};

const SHOWN = (description: string) => nullable(Type.Record(Type.String(), Type.Unknown()), description);

export const PlannedChangeDto = dto('PlannedChangeDto', {
  kind: Type.Enum(['rules', 'source', 'audience', 'trait', 'trait-rule', 'split']),
  id: Type.String(),
  place: Type.Optional(Type.String({ description: 'in the body', examples: ['sources.web'] })),
  action: Type.Enum(['create', 'change', 'remove']),
  version: nullable(Type.Integer(), 'of what is in force; null: there is none'),
  before: SHOWN('as a file would have it, without secrets; null: it is not there'),
  after: SHOWN('likewise; null: it is removed'),
});

export const PlanDto = dto('PlanDto', {
  applied: Type.Boolean({ description: 'false: it was a dry run' }),
  digest: Type.String({ description: 'of the changes; the ETag is the same in quotes' }),
  summary: Type.Object({
    created: Type.Integer(),
    changed: Type.Integer(),
    removed: Type.Integer(),
    unchanged: Type.Integer(),
    leftAlone: Type.Integer({ description: 'what is there and not in the body, and stays' }),
  }),
  changes: Type.Array(PlannedChangeDto, { description: 'in the order in which they are made' }),
});
export type ShownPlan = Value<typeof PlanDto>;
