import { TABLES_SETTINGS } from '@tributary/clickhouse';
import { CACHE_BYTES, healthPort } from '@tributary/processing';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const SEGMENTATION_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  SEGMENTATION_PORT: healthPort('segmentation', 8084),
  SEGMENTATION_CACHE_BYTES: CACHE_BYTES,
});

export type SegmentationConfig = Config<typeof SEGMENTATION_SETTINGS>;
