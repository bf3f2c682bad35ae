import { validateFragment, TOPICS } from '@tributary/contracts';
import { ProcessorModule, type ProcessorDeclaration } from '@tributary/processing';
import { Gauge } from 'prom-client';
import { followAudiences, type AudiencesInForce } from '../audiences/audiences-in-force.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';

/** Profiles that are gone through in one step, where many are: a few milliseconds each time. */
const KEYS_AT_ONCE = 300;

/** profile.fragments.v1 and the definitions in force → audience.memberships.v1 and audience.changes.v1. */
export const MEMBERSHIPS: ProcessorDeclaration<
  Pick<SegmentationConfig, 'SEGMENTATION_CACHE_BYTES'>,
  MembershipsState,
  AudiencesInForce
> = {
  name: 'memberships',
  groupId: 'segmentation-memberships',
  inputs: [{ topic: TOPICS.fragments, validate: validateFragment }],
  publishes: [TOPICS.memberships, TOPICS.changes],
  owns: [TOPICS.memberships],
  cacheBytes: (config) => config.SEGMENTATION_CACHE_BYTES,
  definitions: {
    name: 'audiences-in-force',
    follow: followAudiences,
  },
  processor: ({ logs, definitions, now, metrics }) => {
    const scans = new Gauge({
      name: 'tributary_segmentation_scans',
      help: 'audiences for whose new, changed or removed definitions the profiles of a partition are being gone through',
      labelNames: ['partition'],
      registers: [metrics],
    });
    const options = {
      ...{ now, logs, audiences: definitions.all, known: definitions.known, keysAtOnce: KEYS_AT_ONCE },
      onScans: (partition: number, count: number) => {
        scans.set({ partition }, count);
      },
    };
    return (context) => new MembershipsProcessor(context, options);
  },
};

export const MembershipsModule = ProcessorModule.register(MEMBERSHIPS);
