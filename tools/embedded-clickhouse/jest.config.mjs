import { preset } from '../../jest.preset.mjs';

export default { ...preset, displayName: 'embedded-clickhouse', testTimeout: 60_000 };
