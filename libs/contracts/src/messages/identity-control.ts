import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, WorkspaceId } from './common.js';

/** What the identifiers of a namespace may do. */
export const NamespaceRule = Type.Object({
  priority: Type.Integer({
    minimum: 0,
    description: 'the smaller, the more weight where two were first seen at the same instant',
  }),
  limit: Type.Integer({
    minimum: 1,
    description: 'identifiers of the namespace that a profile holds, and partners through which one joins',
  }),
  supernode: Type.Integer({
    minimum: 1,
    description: 'an identifier with more distinct partners of the namespace joins through none',
  }),
  blocked: Type.Array(Type.String({ minLength: 1 }), {
    description: 'values that name nobody; one * stands for any text',
  }),
  normalise: Type.Array(Type.Enum(['trim', 'nfc', 'lowercase']), {
    description: 'how a value is written before it becomes an identifier; in force for new events',
  }),
  nobody: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description:
        'what programs write where they have no value, in any case; one * stands for any text. No such value becomes an identifier, and one that did joins nobody. Missing: the built-in list',
    }),
  ),
  format: Type.Optional(
    Type.Enum(['email', 'phone'], {
      description:
        'what a value has to be: one that is not is a trait, and no identifier; in force for new events',
    }),
  ),
});

/** Who may be one person: by namespace, `name.*` for all that begin so, `*` for all others. */
export const IdentityRulesBody = Type.Object({ namespaces: Type.Record(Type.String(), NamespaceRule) });
export type IdentityRulesBody = Static<typeof IdentityRulesBody>;

export const IdentityRulesMessage = Type.Object({
  workspaceId: WorkspaceId,
  ...IdentityRulesBody.properties,
  updatedAt: Instant,
});
export type IdentityRulesMessage = Static<typeof IdentityRulesMessage>;

/** Two identifiers that are kept apart, whatever else joins them, or no longer. Kept for ever, once it was made. */
export const SplitMessage = Type.Object({
  workspaceId: WorkspaceId,
  a: IdentifierText,
  b: IdentifierText,
  apart: Type.Boolean(),
  reason: Type.Optional(Type.String({ maxLength: 500, description: 'in the words of who asked for it' })),
  createdAt: Instant,
  updatedAt: Instant,
});
export type SplitMessage = Static<typeof SplitMessage>;

/**
 * The rules as an owner of a partition of `identity.links.v1` copies them into it: in force for what lies behind it.
 * The version is the offset in `control.identity-rules.v1`.
 */
export const RulesCopyMessage = Type.Object({
  workspaceId: WorkspaceId,
  version: Type.Integer({ minimum: 0 }),
  rules: IdentityRulesBody,
});
export type RulesCopyMessage = Static<typeof RulesCopyMessage>;
