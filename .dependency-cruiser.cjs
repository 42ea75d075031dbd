// Who may import whom: the table of ARCHITECTURE.md ("One direction of knowledge") as rules. Run by `npm run check`.
// Each rule lists what a folder MAY import; anything else is an error, type-only imports included.
// The parser is swc, because TypeScript 7 has no programming interface for JavaScript. swc does not see types written as
// `import('…')` inside a type, and does not tell type-only imports apart: tests/unit/build-layers.test.ts covers both.

// dependency-cruiser 17 asks swc to read every file as plain TypeScript, which cannot hold JSX.
const swc = require('@swc/core')
const parseFileSync = swc.parseFileSync.bind(swc)
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') })

/** A package, wherever npm has put it. */
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})/`
/** Folders of core/ that may import everything in core, as the files of core/ itself may. */
const upper = 'runs|restore|methods|terminal|standby|fleet'
const peers = ['sources', 'archive', 'stores', 'drives', 'vault', 'notify']

/** A folder of core/ that knows lib and api, the two interfaces it gets values of, and nothing else of ours. */
const peer = (name) => ({
  name: `core-${name}`,
  comment: `core/${name} may import core/lib, core/api, types of stores/store and archive/archive, and itself`,
  severity: 'error',
  from: { path: `^core/${name}/` },
  to: {
    path: ['^(core|electron|renderer|tests|build)/', packages('electron')],
    pathNot: [
      '^core/(lib|api)/',
      `^core/${name}/`,
      '^core/stores/store\\.ts$',
      '^core/archive/archive\\.ts$',
      // A removable medium is a store and a drive at once.
      ...(name === 'stores' ? ['^core/drives/'] : []),
    ],
  },
})

module.exports = {
  forbidden: [
    {
      name: 'core-api',
      comment: 'core/api may import zod, the contract library, i18next and itself: it needs no machine',
      severity: 'error',
      from: { path: '^core/api/' },
      to: { pathNot: ['^core/api/', packages('zod', '@orpc/contract', 'i18next')] },
    },
    {
      name: 'core-lib',
      comment: 'core/lib may import Node, core/api/failure and itself',
      severity: 'error',
      from: { path: '^core/lib/' },
      to: { pathNot: ['^core/lib/', '^core/api/failure\\.ts$'], dependencyTypesNot: ['core'] },
    },
    ...peers.map(peer),
    {
      name: 'stores-medium',
      comment: 'only stores/medium knows drives',
      severity: 'error',
      from: { path: '^core/stores/', pathNot: '^core/stores/medium[^/]*\\.ts$' },
      to: { path: '^core/drives/' },
    },
    {
      name: 'core',
      comment: 'core runs under plain Node: it knows neither Electron nor React nor what lies outside',
      severity: 'error',
      from: { path: '^core/' },
      to: {
        path: [
          '^(electron|renderer|tests|build)/',
          packages('electron', 'react', 'react-dom', 'react-i18next', 'zustand', '@mantine/.*', '@tabler/.*'),
        ],
      },
    },
    {
      name: 'core-upper',
      comment: `the files of core/ itself and core/{${upper}} may import everything in core; nobody below may import them`,
      severity: 'error',
      from: { path: '^core/', pathNot: [`^core/(${upper})/`, '^core/[^/]+\\.ts$'] },
      to: { path: [`^core/(${upper})/`, '^core/[^/]+\\.ts$'] },
    },
    {
      name: 'electron',
      comment:
        'electron may import electron, core/engine, core/config (where the data folder is), core/api, core/lib and itself',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(core|renderer|tests|build)/', pathNot: ['^core/(engine|config)\\.ts$', '^core/(api|lib)/'] },
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
            '@mantine/.*',
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
