import { preset } from '../../jest.preset.mjs';

export default { ...preset, displayName: 'supervisor', testTimeout: 60_000 };
