import { serversPreset } from '../../jest.preset.mjs';

export default { ...serversPreset, displayName: 'client' };
