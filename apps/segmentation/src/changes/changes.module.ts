import { validateMembership, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import type { SegmentationConfig } from '../segmentation.config.js';
import { ChangesProcessor, type EpochState } from './changes.processor.js';

/** audience.memberships.v1 → audience.changes.v1: a projection, so the two can never disagree. */
export const CHANGES: ProcessorDeclaration<
  Pick<SegmentationConfig, 'SEGMENTATION_CACHE_BYTES'>,
  EpochState
> = {
  name: 'changes',
  groupId: 'segmentation-changes',
  inputs: [{ topic: TOPICS.memberships, validate: validateMembership }],
  publishes: [TOPICS.changes],
  cacheBytes: (config) => config.SEGMENTATION_CACHE_BYTES,
  processor: () => (context) => new ChangesProcessor(context),
};

export const ChangesModule = ProcessorModule.register(CHANGES);
