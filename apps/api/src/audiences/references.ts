import {
  isScore,
  namesIn,
  parseTrait,
  resolve,
  scoreReadIn,
  type AudienceDefinition,
  type DefinedTrait,
  type Named,
  type ReferenceFault,
} from '@tributary/audiences';
import type { AudienceMessage, TraitMessage } from '@tributary/contracts';
import { definitionIn } from './audience.dto.js';

/** What the audiences and computed traits of a workspace are, or would be; by key. */
export function namedIn(
  audiences: ReadonlyMap<string, Pick<AudienceMessage, 'definition'>>,
  traits: ReadonlyMap<string, Pick<TraitMessage, 'query' | 'of'>>,
): Named {
  const computed = [...traits].flatMap(([key, { query, of }]): (readonly [string, DefinedTrait])[] => {
    const parsed = of === 'accounts' ? undefined : parseTrait(query);
    return parsed?.ok ? [[key, parsed.value]] : [];
  });
  return {
    audiences: new Map([...audiences].map(([key, value]) => [key, definitionIn(value)])),
    traits: new Map(computed),
  };
}

/** What an audience is with what it names; as it is written where that is not there. */
export function resolvedIn(named: Named, definition: AudienceDefinition): AudienceDefinition {
  const resolved = resolve(definition, named);
  return resolved.ok ? resolved.value.definition : definition;
}

/** The audiences that mean nothing by what is named, and meant something before, or were others. */
export function newFaults(before: Named, after: Named): ReadonlyMap<string, ReferenceFault> {
  const faults = new Map<string, ReferenceFault>();
  for (const [key, definition] of after.audiences) {
    const fault = faultIn(key, definition, after);
    const former = before.audiences.get(key);
    if (fault && (former !== definition || !faultIn(key, former, before))) faults.set(key, fault);
  }
  return faults;
}

function faultIn(key: string, definition: AudienceDefinition, named: Named): ReferenceFault | undefined {
  const resolved = resolve(definition, named, key);
  return resolved.ok ? scoreReadIn(definition, named) : resolved.error;
}

/** The audiences that name another one, by their keys, in order. */
export function audiencesNaming(key: string, { audiences }: Pick<Named, 'audiences'>): readonly string[] {
  return readersOf(audiences, (definition) => namesIn(definition).audiences.includes(key));
}

/** The audiences that read a computed trait of people that is no score. */
export function audiencesReading(key: string, { audiences, traits }: Named): readonly string[] {
  const trait = traits.get(key);
  if (!trait || isScore(trait)) return [];
  return readersOf(audiences, (definition) => namesIn(definition).traits.includes(key));
}

function readersOf(
  audiences: Named['audiences'],
  reads: (definition: AudienceDefinition) => boolean,
): readonly string[] {
  return [...audiences].flatMap(([key, definition]) => (reads(definition) ? [key] : [])).sort();
}
