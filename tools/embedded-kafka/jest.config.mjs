import { preset } from '../../jest.preset.mjs';

export default { ...preset, displayName: 'embedded-kafka', testTimeout: 60_000 };
