import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Needs } from '../../access/needs.js';
import { definitionsController } from '../../control/definition-routes.js';
import { SplitBody, SplitDto, SplitPageDto, SplitPair, SplitsQuery, SplitVersion } from './split.dto.js';
import { SplitsService } from './splits.service.js';

const CONFLICT = 'too many splits name one of the two, or it is one more than the quota';

@ApiTags('identity')
@Needs('read')
@Controller('v1/identity/splits')
export class SplitsController extends definitionsController({
  one: ':a/:b',
  id: SplitPair,
  version: SplitVersion,
  query: SplitsQuery,
  body: SplitBody,
  shown: SplitDto,
  page: SplitPageDto,
  needs: { read: Needs('read'), write: Needs('write', 'identity') },
  list: { summary: 'The pairs that are kept apart, or were' },
  find: { summary: 'One split, also one that was removed' },
  put: {
    summary: 'Keep two identifiers apart, whatever else joins them',
    description:
      'If they are one person, they are two within a second, and stay so: every link that would bring them together is refused. No event is lost or changed.',
    kept: 'they were kept apart already',
  },
  versions: { summary: 'Every version of a split, the latest first' },
  restore: { summary: 'Put a version of a split in force once more, as a new one' },
  remove: { summary: 'Lift a split: what joins the two joins them again', operationId: 'splits.lift' },
  every: [400],
  conflicts: { put: CONFLICT, restore: CONFLICT },
}) {
  constructor(splits: SplitsService) {
    super(splits.resource);
  }
}
