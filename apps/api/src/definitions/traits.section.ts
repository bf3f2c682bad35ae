import { Injectable } from '@nestjs/common';
import type { TraitMessage } from '@tributary/contracts';
import { ControlPlane } from '@tributary/control';
import { TraitBody, TraitKey } from '../traits/trait.dto.js';
import { TRAITS } from '../traits/trait.kind.js';
import { TraitsService } from '../traits/traits.service.js';
import { QuerySection, type PropertiesOf } from './query.section.js';

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

  override show(trait: TraitMessage): object {
    return { ...super.show(trait), ...(trait.of === 'accounts' && { of: trait.of }) };
  }
}
