import { slowPreset } from '../../jest.preset.mjs';

export default { ...slowPreset, displayName: 'embedded-postgres' };
