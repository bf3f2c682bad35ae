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
  SEGMENTATION_CACHED_KEYS: Type.Integer({
    default: 20_000,
    minimum: 100,
    description: 'profiles held in memory for each partition; the others are on disk',
  }),
});

export type SegmentationConfig = Config<typeof SEGMENTATION_SETTINGS>;
