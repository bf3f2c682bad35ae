import { Injectable } from '@nestjs/common';
import type { TraitMessage } from '@tributary/contracts';
import { ControlPlane, type Definition } from '@tributary/control';
import { problem, type Problem } from '../http/problems.js';
import { scoreFault, traitsByKey } from '../traits/score-faults.js';
import { TraitBody, TraitKey } from '../traits/trait.dto.js';
import { TRAITS } from '../traits/trait.kind.js';
import { TraitsService } from '../traits/traits.service.js';
import { QuerySection, type PropertiesOf } from './query.section.js';
import type { Wanted } from './section.js';

@Injectable()
export class TraitsSection extends QuerySection<
  TraitMessage,
  PropertiesOf<typeof TraitKey>,
  PropertiesOf<typeof TraitBody>
> {
  readonly name = 'traits';
  readonly what = 'trait';

  constructor(plane: ControlPlane, traits: TraitsService) {
    super(plane.definitions(TRAITS), {
      key: TraitKey,
      body: TraitBody,
      wanted: (key, body, before) => traits.wanted(key, body, before),
    });
  }

  /** Scores and what they rank may come in one file; of those that stay, a score may lose what it ranks. */
  together(
    wanted: readonly Wanted<TraitMessage>[],
    {
      stored,
      leaving,
    }: {
      readonly stored: ReadonlyMap<string, Definition<TraitMessage>>;
      readonly leaving: readonly string[];
    },
  ): Promise<readonly Problem[]> {
    const staying = [...stored].filter(([key]) => !leaving.includes(key));
    const all = new Map(staying.map(([key, { value }]) => [key, value] as const));
    for (const { entry, value } of wanted) all.set(entry.id, value);
    const ofPeople = [...all].filter(([, { of }]) => of !== 'accounts');
    const traits = traitsByKey(ofPeople.map(([key, { query }]) => [key, query] as const));
    const problems = [...traits.keys()].flatMap((key) => {
      const fault = scoreFault(key, traits);
      return fault === undefined ? [] : [problem(`traits.${key}.query`, fault)];
    });
    return Promise.resolve(problems);
  }

  override show(trait: TraitMessage): object {
    return { ...super.show(trait), ...(trait.of === 'accounts' && { of: trait.of }) };
  }
}
