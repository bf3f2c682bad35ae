import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { definitionsController } from '../control/definition-routes.js';
import { PageQuery } from '../http/page.dto.js';
import { TRAIT_EXAMPLES, TraitBody, TraitDto, TraitKey, TraitPageDto, TraitVersion } from './trait.dto.js';
import { TraitsService } from './traits.service.js';

const QUOTA = 'it is one more than the quota of the workspace';

@ApiTags('computed traits')
@Needs('read')
@Controller('v1/traits')
export class TraitsController extends definitionsController({
  one: ':key',
  id: TraitKey,
  version: TraitVersion,
  query: PageQuery,
  body: TraitBody,
  shown: TraitDto,
  page: TraitPageDto,
  examples: TRAIT_EXAMPLES,
  needs: { read: Needs('read'), write: Needs('write', 'audiences') },
  list: { summary: 'All computed traits, by key' },
  find: { summary: 'One computed trait' },
  put: {
    summary: 'Create a computed trait, or replace it',
    description:
      'It is computed over all of history. Until that is known its state is building, and profiles have the value of the definition before.',
  },
  versions: {
    summary: 'Every version of a computed trait, the latest first; of one that was removed, too',
  },
  remove: { summary: 'Remove a computed trait' },
  conflicts: { put: QUOTA, restore: QUOTA, remove: 'a score ranks it, or an audience reads it' },
}) {
  constructor(traits: TraitsService) {
    super(traits.resource);
  }
}
