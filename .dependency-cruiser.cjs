// Who may import whom, as rules; the table itself: build/floors.cjs. Run by `npm run check`. Type-only imports count.
// The parser is swc, because TypeScript 7 has no programming interface for JavaScript. swc does not see types written as
// `import('…')` inside a type, and does not tell type-only imports apart: tests/unit/build-layers.test.ts covers both.

// dependency-cruiser 17 asks swc to read every file as plain TypeScript, which cannot hold JSX.
const swc = require('@swc/core')
const { floors, entry, outside, only } = require('./build/floors.cjs')

const parseFileSync = swc.parseFileSync.bind(swc)
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') })

/** A package, wherever npm has put it. */
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})/`
/** A path of floors.cjs (`api`, `api/model`) as the rest of a pattern. */
const at = (path) => (path.includes('/') ? `${path}\\.ts$` : `${path}/`)

/** A folder of core/, which may import what its row says, and itself. */
const room = ([name, row]) => ({
  name: `core-${name}`,
  comment: `core/${name} may import ${row.map((one) => `core/${one}`).join(', ') || 'nothing else of ours'}`,
  severity: 'error',
  from: { path: `^core/${name}/` },
  to: { path: '^(core|electron|renderer|tests|build)/', pathNot: [name, ...row].map((one) => `^core/${at(one)}`) },
})

const rooms = Object.keys(floors).join('|')

module.exports = {
  forbidden: [
    {
      name: 'core-api-packages',
      comment: 'core/api may import zod, the contract library and i18next: it needs no machine',
      severity: 'error',
      from: { path: '^core/api/' },
      to: { pathNot: ['^core/', packages('zod', '@orpc/contract', 'i18next')] },
    },
    {
      name: 'core-lib-packages',
      comment: 'core/lib may import Node and no package',
      severity: 'error',
      from: { path: '^core/lib/' },
      to: { pathNot: ['^core/'], dependencyTypesNot: ['core'] },
    },
    ...Object.entries(floors).map(room),
    {
      name: 'core-entry',
      comment: `the files of core/ itself are the terminal program: nobody imports them, and they know ${entry.join(', ')}`,
      severity: 'error',
      from: { path: '^core/[^/]+\\.ts$' },
      to: { path: '^core/', pathNot: ['^core/[^/]+\\.ts$', ...entry.map((one) => `^core/${at(one)}`)] },
    },
    {
      name: 'core-entry-used',
      comment: 'nobody imports the terminal program',
      severity: 'error',
      from: { pathNot: '^core/[^/]+\\.ts$' },
      to: { path: '^core/[^/]+\\.ts$' },
    },
    {
      name: 'core-new-folder',
      comment: 'a folder of core/ without a row in build/floors.cjs',
      severity: 'error',
      from: { path: '^core/[^/]+/', pathNot: `^core/(${rooms})/` },
      to: {},
    },
    ...only.map(({ from, file, to }) => ({
      name: `core-${from}-${to}`,
      comment: `of core/${from}, only ${file} knows core/${to}`,
      severity: 'error',
      from: { path: `^core/${from}/`, pathNot: `^core/${from}/${file}[^/]*\\.ts$` },
      to: { path: `^core/${to}/` },
    })),
    {
      name: 'no-circle',
      comment: 'what needs each other is one file, or has a third below both',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core',
      comment: 'core runs under plain Node: it knows neither Electron nor React nor what lies outside',
      severity: 'error',
      from: { path: '^core/' },
      to: {
        path: [
          '^(electron|renderer|tests|build)/',
          packages(
            'electron',
            'react',
            'react-dom',
            'react-i18next',
            'zustand',
            '@mantine/.*',
            '@tabler/.*',
            '@tanstack/.*',
          ),
        ],
      },
    },
    {
      name: 'electron',
      comment: `electron may import core/{${outside.join(', ')}} and itself`,
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(core|renderer|tests|build)/', pathNot: outside.map((one) => `^core/${at(one)}`) },
    },
    {
      name: 'renderer',
      comment: 'renderer may import React and its companions, core/api and itself',
      severity: 'error',
      from: { path: '^renderer/' },
      to: {
        pathNot: [
          '^renderer/',
          '^core/api/',
          packages(
            'react',
            'react-dom',
            'react-i18next',
            'i18next',
            'zustand',
            'zod',
            '@fontsource-variable/.*',
            '@mantine/.*',
            '@tanstack/.*',
            '@tabler/icons-react',
            '@orpc/(client|contract)',
          ),
        ],
      },
    },
    {
      name: 'unresolvable',
      comment: 'an import that leads nowhere would escape the rules above',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.json$|\\.css$|\\.svg$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.js', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
}
