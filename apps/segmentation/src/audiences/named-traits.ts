import { parseTrait, traitHash, type DefinedTrait } from '@tributary/audiences';
import { messageOf, validateTrait, type TraitMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';

/** A computed trait that audiences may name. */
export interface NamedTrait {
  readonly trait: DefinedTrait;
  readonly of: NonNullable<TraitMessage['of']>;
  readonly definitionHash: string;
  /** In milliseconds since 1970. */
  readonly definedAt: number;
}

/** A computed trait, or undefined where it is removed; the error says why the record is neither. */
export function readNamedTrait(record: LogRecord): Result<NamedTrait | undefined, string> {
  const error = validateTrait(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  const { query, of = 'people', updatedAt } = messageOf(record) as TraitMessage;
  const parsed = parseTrait(query);
  if (!parsed.ok) return failed(`the trait cannot be computed: ${parsed.error.message}`);
  const trait = parsed.value;
  return ok({ trait, of, definitionHash: `${of} ${traitHash(trait)}`, definedAt: Date.parse(updatedAt) });
}
