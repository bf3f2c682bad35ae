import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.js';
import { definitionsController } from '../control/definition-routes.js';
import { PageQuery } from '../http/page.dto.js';
import {
  TRAIT_RULE_EXAMPLES,
  TraitRuleBody,
  TraitRuleDto,
  TraitRuleName,
  TraitRulePageDto,
  TraitRuleVersion,
} from './trait-rule.dto.js';
import { TraitRulesService } from './trait-rules.service.js';

const QUOTA = 'it is one more than the quota of the workspace';

@ApiTags('rules of traits')
@Needs('read')
@Controller('v1/trait-rules')
export class TraitRulesController extends definitionsController({
  one: ':name',
  id: TraitRuleName,
  version: TraitRuleVersion,
  query: PageQuery,
  body: TraitRuleBody,
  shown: TraitRuleDto,
  page: TraitRulePageDto,
  examples: TRAIT_RULE_EXAMPLES,
  needs: { read: Needs('read'), write: Needs('write', 'audiences') },
  list: { summary: 'All rules of traits, by the names of the traits' },
  find: { summary: 'The rule of one trait; 404: it has none, and its latest value holds' },
  put: {
    summary: 'Say which value a trait has of those that were sent',
    description:
      'It holds for all of history. Until that is known its state is building, and profiles and audiences have the value by the rule before.',
  },
  versions: { summary: 'Every version of a rule, the latest first; of one that was removed, too' },
  remove: { summary: 'Remove a rule: the latest value of the trait holds again' },
  conflicts: { put: QUOTA, restore: QUOTA },
}) {
  constructor(rules: TraitRulesService) {
    super(rules.resource);
  }
}
