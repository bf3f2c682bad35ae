export default {
  projects: ['<rootDir>/{apps,libs,tools,tests}/*/jest.config.mjs'],
  workerIdleMemoryLimit: '700MB',
  testSequencer: '<rootDir>/tools/test-servers/sequencer.mjs',
};
