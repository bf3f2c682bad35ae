import nx from '@nx/eslint-plugin';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const pure = ['access', 'events', 'identity', 'profiles', 'audiences', 'plans'];
const io = ['@nestjs/*', 'kafkajs', '@clickhouse/*', 'pg', 'kysely', 'lmdb', 'fastify', 'pino'];
const nodeIo = [
  'fs',
  'net',
  'http',
  'https',
  'dgram',
  'child_process',
  'worker_threads',
  'cluster',
  'timers',
];
const mayUse = (lib, ...libs) => ({
  sourceTag: `lib:${lib}`,
  onlyDependOnLibsWithTags: [lib, 'testing', ...libs].map((name) => `lib:${name}`),
});

export default tseslint.config(
  { ignores: ['**/dist', '**/.types', '**/node_modules', '.tributary', '.nx'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          enforceBuildableLibDependency: false,
          depConstraints: [
            mayUse('kernel'),
            mayUse('contracts', 'kernel'),
            ...pure.map((lib) => mayUse(lib, 'kernel')),
            mayUse('kafka', 'kernel', 'contracts'),
            mayUse('state', 'kernel', 'contracts', 'kafka'),
            mayUse('clickhouse', 'kernel', 'contracts', 'kafka'),
            mayUse('control', 'kernel', 'contracts', 'kafka'),
            mayUse('service', 'kernel'),
            mayUse('processing', 'kernel', 'contracts', 'kafka', 'state', 'clickhouse', 'service'),
            mayUse('client', 'contracts', 'kafka'),
            mayUse('testing'),
            // The driver is for specs: dependency-cruiser keeps it out of what ships.
            { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:lib', 'tool:drivers'] },
            { sourceTag: 'layer:tool', onlyDependOnLibsWithTags: ['layer:lib', 'layer:tool'] },
            { sourceTag: 'layer:test', onlyDependOnLibsWithTags: ['layer:lib', 'layer:tool'] },
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-definitions': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: [...pure, 'kernel'].map((lib) => `libs/${lib}/src/**/*.ts`),
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [...io, ...nodeIo.flatMap((m) => [m, `node:${m}`, `node:${m}/*`])],
              message: 'This library is pure: I/O belongs to the edge.',
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
        { object: 'performance', property: 'now', message: 'Time comes in as an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness comes in as an argument.' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process'],
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  prettier,
);
