// The layers are enforced: a planted import against each row of the import table is reported, the permitted ones are not.
// Also what the layer tool's parser cannot see: types written as import('…'), and value imports where only types are allowed.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** file → what it imports. Each import is one planted edge. */
const forbidden: Record<string, string[]> = {
  'core/api/model.ts': ['node:fs', 'react', '../lib/bytes.ts', '../engine.ts'],
  'core/lib/bytes.ts': ['zod', '../api/model.ts', '../stores/store.ts'],
  'core/sources/folders.ts': [
    '../drives/drives.ts',
    '../stores/local.ts',
    '../runs/run.ts',
    '../engine.ts',
    'electron',
  ],
  'core/archive/tar.ts': ['../sources/source.ts', '../../electron/window.ts'],
  'core/stores/local.ts': ['../drives/drives.ts', '../archive/tar.ts'],
  'core/drives/drives.ts': ['../stores/local.ts'],
  'core/notify/notify.ts': ['../runs/run.ts', '../config.ts', '../drives/drives.ts', '../../electron/window.ts'],
  'core/runs/run.ts': ['electron', 'react', '../../renderer/store.ts', '../../tests/unit/x.ts'],
  'electron/window.ts': ['../core/operator.ts', '../core/runs/run.ts', '../renderer/store.ts'],
  'renderer/screens/main.tsx': ['../../core/engine.ts', '../../electron/window.ts'],
  'renderer/store.ts': [
    'node:fs',
    'electron',
    '../core/lib/bytes.ts',
    '../core/engine.ts',
    '../electron/window.ts',
    './gone.ts',
  ],
}
const allowed: Record<string, string[]> = {
  'core/api/contract.ts': ['zod', '@orpc/contract', './failure.ts'],
  'core/lib/files.ts': ['node:fs/promises', '../api/failure.ts', './bytes.ts'],
  'core/sources/source.ts': [
    '../lib/bytes.ts',
    '../api/model.ts',
    '../stores/store.ts',
    '../archive/archive.ts',
    'drivelist',
  ],
  'core/stores/medium.ts': ['../drives/drives.ts', './store.ts', './local.ts'],
  'core/notify/mail.ts': ['nodemailer', '../lib/files.ts', '../api/mail.ts', './notify.ts'],
  'core/runs/worker.ts': [
    '../sources/folders.ts',
    '../archive/tar.ts',
    '../stores/medium.ts',
    '../config.ts',
    '../api/model.ts',
  ],
  'core/engine.ts': ['./runs/run.ts', './drives/drives.ts', './config.ts', '@orpc/server'],
  'electron/main.ts': [
    '../core/config.ts',
    'electron',
    '../core/engine.ts',
    '../core/lib/files.ts',
    '../core/api/contract.ts',
    './window.ts',
  ],
  'renderer/main.tsx': [
    'react',
    'react-dom/client',
    '@mantine/core',
    'zustand',
    '@orpc/client',
    '../core/api/contract.ts',
  ],
}
const targets = [
  'core/api/failure.ts',
  'core/api/mail.ts',
  'core/archive/archive.ts',
  'core/config.ts',
  'core/operator.ts',
  'core/stores/store.ts',
  'tests/unit/x.ts',
]

let root: string
let reported: string[]

async function plant(path: string, imports: string[]) {
  // Type-only and value imports in turn: both must count.
  const lines = imports.map((name, i) => `import ${i % 2 ? '' : 'type '}{ x as x${i} } from '${name}'`)
  await mkdir(dirname(join(root, path)), { recursive: true })
  const body = path.endsWith('.tsx') ? '<T,>(a: T) => <b>{String(a)}</b>' : '<T>(a: unknown) => <T>a'
  await writeFile(join(root, path), `${lines.join('\n')}\nexport const x = ${body}\n`)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-layers-'))
  await symlink(resolve('node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), readFileSync('package.json'))
  for (const path of targets) await plant(path, [])
  for (const [path, imports] of [...Object.entries(forbidden), ...Object.entries(allowed)]) await plant(path, imports)
  const tool = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [
    tool,
    '--config',
    resolve('.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    'core',
    'electron',
    'renderer',
  ]
  const json = await new Promise<string>((done) => {
    execFile(process.execPath, args, { cwd: root, maxBuffer: 64 << 20 }, (_error, stdout) => done(stdout))
  })
  const { modules } = JSON.parse(json) as {
    modules: { source: string; dependencies: { module: string; valid: boolean }[] }[]
  }
  reported = modules.flatMap(({ source, dependencies }) =>
    dependencies.filter(({ valid }) => !valid).map(({ module }) => `${source} → ${module}`),
  )
})
afterAll(() => rm(root, { recursive: true, force: true }))

const edges = (table: Record<string, string[]>) =>
  Object.entries(table).flatMap(([path, imports]) => imports.map((name) => `${path} → ${name.replace('node:', '')}`))

describe('the import table', () => {
  it.each(edges(forbidden))('forbids %s', (edge) => {
    expect(reported).toContain(edge)
  })

  it('forbids nothing else', () => {
    expect(reported.toSorted()).toEqual(edges(forbidden).toSorted())
  })
})

describe('what the layer tool cannot see', () => {
  const folders = ['core', 'electron', 'renderer']
  const sources = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`))
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

  it('no type of ours is written as import("…"), which would hide an import', () => {
    const hidden = sources.filter(({ text }) => /(?<!await )(?<!=> )\bimport\(['"]\./.test(text))
    expect(sources.length).toBeGreaterThan(0)
    expect(hidden.map(({ path }) => path)).toEqual([])
  })

  it('other folders take only types from stores/store.ts and archive/archive.ts', () => {
    const value = /^(import|export) (?!type\b)[^'"]*from '[./]*\/(stores\/store|archive\/archive)\.ts'/m
    const peers = sources.filter(({ path }) => /^core\/(sources|archive|stores|drives|vault|notify)\//.test(path))
    expect(peers.filter(({ text }) => value.test(text)).map(({ path }) => path)).toEqual([])
  })
})
