import { serversPreset } from '../../jest.preset.mjs';

/** Tests of libraries that are installed for them have a command of their own: `npm run sdk-test`. */
const installed = process.env.INSTALLED_LIBRARIES ? ['<rootDir>/src/**/*.installed.ts'] : [];

export default {
  ...serversPreset,
  displayName: 'sdk',
  testMatch: [...serversPreset.testMatch, ...installed],
};
