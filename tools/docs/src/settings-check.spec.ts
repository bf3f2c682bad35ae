import { describe, expect, it } from '@jest/globals';
import { COMMON_SETTINGS, readSettings } from '@tributary/service';
import { fileURLToPath } from 'node:url';
import type { TObject } from 'typebox';
import { load } from './code.js';

interface Check {
  readonly knownSettings: () => Readonly<Record<string, unknown>>;
  readonly wrongSettings: (
    settings: Readonly<Record<string, unknown>>,
    environment: Readonly<Record<string, string>>,
  ) => readonly string[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { knownSettings, wrongSettings } = (await import(
  new URL('../../launch/settings-check.mjs', import.meta.url).href
)) as Check;
const known = knownSettings();

const TEXTS = ['abc', '-1', '0', '1', '8', '1.5', '99999', '999999999999', 'true', 'yes', 'debug'];
const MORE = ['http://127.0.0.1:8123', '127.0.0.1:9092', '127.0.0.1', 'a/b', 'https://x.example/a/'];
const NEEDED = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  CLICKHOUSE_URL: 'http://127.0.0.1:8123',
  DATABASE_URL: 'postgres://127.0.0.1:5432/tributary',
};
const PROGRAMS = [
  ['apps/collector', 'collector.config', 'COLLECTOR_SETTINGS'],
  ['apps/api', 'api.config', 'API_SETTINGS'],
  ['apps/identity', 'identity.config', 'IDENTITY_SETTINGS'],
  ['apps/profile-builder', 'profile-builder.config', 'PROFILE_BUILDER_SETTINGS'],
  ['apps/segmentation', 'segmentation.config', 'SEGMENTATION_SETTINGS'],
] as const;

describe('the check of settings before anything is installed', () => {
  it.each(PROGRAMS)(
    'refuses of %s what the service refuses, and nothing else',
    async (project, file, name) => {
      const settings = (await load<Readonly<Record<string, TObject>>>(root, project, 'src', file))[name]!;
      const names = [...Object.keys(COMMON_SETTINGS.properties), ...Object.keys(settings.properties)];
      expect(names.filter((setting) => !(setting in known))).toEqual([]);
      const differ: string[] = [];
      for (const setting of names) {
        for (const text of [...TEXTS, ...MORE]) {
          const environment = { ...NEEDED, [setting]: text };
          const isRefused = !readSettings(settings, environment).ok;
          const isFound = wrongSettings(known, environment).length > 0;
          if (isRefused !== isFound) differ.push(`${setting}=${text}: ${isRefused ? 'not found' : 'found'}`);
        }
      }
      expect(differ).toEqual([]);
    },
  );
});
