export default {
  forbidden: [
    {
      name: 'no-circle',
      comment:
        'Files that import each other can only be read together. Move what both need into a third file, or hand it over as an argument.',
      severity: 'error',
      from: { pathNot: '^apps/collector/' },
      to: { circular: true },
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
