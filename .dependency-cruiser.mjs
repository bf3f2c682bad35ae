const spec = '\\.spec\\.ts$';
/** Test doubles and what specs share, by name: as in tools/launch/build.mjs. */
const doubles = ['/in-memory[^/]*$', '\\.(fixture|arbitrary)\\.ts$'];
/** Where processes begin, and what other projects, workers and the generated documents load. */
const entries = ['/(index|main|error-meanings|error-advice)\\.ts$', '\\.(main|thread)\\.ts$'];

export default {
  forbidden: [
    {
      name: 'no-circle',
      comment:
        'Files that import each other can only be read together. Move what both need into a third file, or hand it over as an argument.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'ships-no-double',
      comment: 'What ships imports nothing of test/, and no test double.',
      severity: 'error',
      from: { path: '/src/', pathNot: [spec, ...doubles, '^tests/'] },
      to: { path: ['^[^/]+/[^/]+/test/', ...doubles] },
    },
    {
      name: 'ships-no-tool',
      comment: 'What ships imports no tool: those that applications may use are for specs.',
      severity: 'error',
      from: { path: '^(apps|libs)/[^/]+/src/', pathNot: [spec, ...doubles] },
      to: { path: '^tools/' },
    },
    {
      name: 'ships-what-runs',
      comment:
        'Nothing that runs imports it: what only specs use belongs in the test/ folder of the project, and what nobody uses goes.',
      severity: 'error',
      from: { path: entries },
      to: {
        path: '^(apps|libs)/[^/]+/src/|^tools/verify/src/',
        pathNot: [spec, ...entries],
        reachable: false,
      },
    },
  ],
  options: {
    includeOnly: '^(apps|libs|tools|tests)/[^/]+/(src|test)/',
    // A reader walks imports of types too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@tributary/source', 'import', 'default'],
    },
  },
};
