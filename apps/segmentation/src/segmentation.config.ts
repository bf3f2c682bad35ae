import { TABLES_SETTINGS } from '@tributary/clickhouse';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const SEGMENTATION_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  SEGMENTATION_PORT: Type.Integer({
    default: 8084,
    minimum: 0,
    maximum: 65_535,
    description: 'port of segmentation, for health and metrics; 0: any free port',
  }),
  SEGMENTATION_CACHE_BYTES: Type.Integer({
    default: 4_194_304,
    minimum: 1_000,
    description:
      'bytes of state, as it is stored, that each processor holds in memory for each partition; all of it is on disk',
  }),
});

export type SegmentationConfig = Config<typeof SEGMENTATION_SETTINGS>;
