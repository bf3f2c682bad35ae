import { validateFragment, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import { followAudiences, type AudiencesInForce } from '../audiences/audiences-in-force.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';

/** profile.fragments.v1 and the definitions in force → audience.memberships.v1. */
export const MEMBERSHIPS: ProcessorDeclaration<
  Pick<SegmentationConfig, 'SEGMENTATION_CACHE_BYTES'>,
  MembershipsState,
  AudiencesInForce
> = {
  name: 'memberships',
  groupId: 'segmentation-memberships',
  inputs: [{ topic: TOPICS.fragments, validate: validateFragment }],
  publishes: [TOPICS.memberships],
  owns: [TOPICS.memberships],
  cacheBytes: (config) => config.SEGMENTATION_CACHE_BYTES,
  definitions: {
    name: 'audiences-in-force',
    follow: followAudiences,
  },
  processor:
    ({ logs, definitions, now }) =>
    (context) =>
      new MembershipsProcessor(context, { now, logs, audiences: definitions.all }),
};

export const MembershipsModule = ProcessorModule.register(MEMBERSHIPS);
