import { Injectable } from '@nestjs/common';
import type { Merges } from '@tributary/audiences';
import { ControlPlane } from '@tributary/control';
import { TRAIT_RULES } from '../../trait-rules/trait-rule.kind.js';

/** How the traits of the workspace are merged by the rules in force. */
@Injectable()
export class TraitMerges {
  constructor(private readonly plane: ControlPlane) {}

  async inForce(): Promise<Merges> {
    const rules = await this.plane.definitions(TRAIT_RULES).all();
    return Object.fromEntries(rules.map(({ value: { name, merge } }) => [name, merge]));
  }
}
