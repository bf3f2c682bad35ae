import { fileURLToPath } from 'node:url';

const testServers = (file) => fileURLToPath(new URL(`./tools/test-servers/${file}`, import.meta.url));

/** Specs of minutes are for `npm run test:long`. */
const isLong = process.env.LONG_SPECS === 'true';

const seeded = process.env.PROPERTY_SEED ? [testServers('property-seed.mjs')] : [];

/** What every project's Jest configuration starts from. Tests are ESM, transformed by swc, and see the sources of the libraries. */
export const preset = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@tributary/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testPathIgnorePatterns: isLong ? [] : ['\\.long\\.spec\\.ts$'],
  setupFilesAfterEnv: [
    ...seeded,
    ...(process.env.PROPERTY_RUNS_FACTOR ? [testServers('long-timeout.mjs')] : []),
  ],
};

/** For projects whose tests start processes: they get a minute each. */
export const slowPreset = { ...preset, setupFilesAfterEnv: [...seeded, testServers('timeout.mjs')] };

/** For projects whose tests need the broker or ClickHouse: one of each for the whole run, see @tributary/testing. */
export const serversPreset = {
  ...slowPreset,
  globalSetup: testServers('global-setup.mjs'),
  globalTeardown: testServers('global-teardown.mjs'),
};
