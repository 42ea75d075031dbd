// The layers are enforced: a planted import against each row of the import table is reported, the permitted ones are not.
// Also what the layer tool's parser cannot see: types written as import('…').
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Floors {
  readonly floors: Readonly<Record<string, readonly string[]>>
  readonly entry: readonly string[]
  readonly outside: readonly string[]
  readonly only: readonly { readonly from: string; readonly file: string; readonly to: string }[]
}
const { floors, entry, outside, only }: Floors = createRequire(import.meta.url)('../../build/floors.cjs')
const rooms = Object.keys(floors)

/** In each folder, one file imports and another is imported: no circles but the planted one. */
const fileOf = (room: string) => `core/${room}/planted.ts`
const leafOf = (room: string) => `core/${room}/leaf.ts`
/** A row may name a single file of a folder. */
const named = (row: readonly string[]) => row.filter((one) => one.includes('/')).map((one) => `core/${one}.ts`)

function planted(): { forbidden: Record<string, string[]>; allowed: Record<string, string[]> } {
  const forbidden: Record<string, string[]> = {}
  const allowed: Record<string, string[]> = {}
  const add = (from: string, row: readonly string[], itself?: string) => {
    const to = (one: string) => relativeTo(from, one)
    const others = rooms.filter((room) => room !== itself)
    const open = (room: string) =>
      row.includes(room) && !only.some(({ from: of, to: only }) => of === itself && only === room)
    forbidden[from] = [
      ...(forbidden[from] ?? []),
      ...others.filter((room) => !open(room)).map((room) => to(leafOf(room))),
    ]
    allowed[from] = [...others.filter(open).map((room) => to(leafOf(room))), ...named(row).map(to)]
  }
  for (const room of rooms) add(fileOf(room), floors[room] ?? [], room)
  add('core/cli.ts', entry)
  add('electron/planted.ts', outside)
  add('renderer/areas/planted/planted.tsx', ['api'])
  for (const { from, file, to } of only) allowed[`core/${from}/${file}.ts`] = [`../${to}/leaf.ts`]
  return { forbidden, allowed }
}

function relativeTo(from: string, path: string): string {
  const found = relative(dirname(from), path)
  return found.startsWith('.') ? found : `./${found}`
}

const { forbidden, allowed } = planted()
/** Beside the table: packages, the outside, and what leads nowhere. */
const more: Record<string, string[]> = {
  'core/api/model.ts': ['node:fs', 'react'],
  'core/lib/bytes.ts': ['zod', '../api/leaf.ts'],
  'core/sources/folders.ts': ['electron', '../cli.ts', '../../electron/leaf.ts'],
  'core/archive/tar.ts': ['../../renderer/store.ts'],
  'core/runs/run.ts': ['electron', 'react', '../../renderer/store.ts', '../../tests/unit/x.ts'],
  'core/unknown/file.ts': ['node:fs', '../api/leaf.ts'],
  'core/notify/one.ts': ['./other.ts'],
  'core/notify/other.ts': ['./one.ts'],
  'renderer/store.ts': ['node:fs', 'electron', '../electron/leaf.ts', './gone.ts'],
}
Object.assign(forbidden, more)
Object.assign(allowed, {
  'core/api/contract.ts': ['zod', '@orpc/contract', './failure.ts'],
  'core/lib/files.ts': ['node:fs/promises', '../api/failure.ts', './bytes.ts'],
  'core/stores/medium.ts': ['../drives/leaf.ts', './leaf.ts'],
  'core/notify/mail.ts': ['nodemailer', './leaf.ts'],
  'core/engine/engine.ts': ['@orpc/server'],
  'core/cli.ts': [...(allowed['core/cli.ts'] ?? []), './cli-program.ts'],
  'electron/main.ts': ['electron'],
  'renderer/main.tsx': ['react', 'react-dom/client', '@mantine/core', 'zustand', '@orpc/client', './parts/leaf.tsx'],
})
const targets = [
  'core/api/failure.ts',
  'core/cli-program.ts',
  'renderer/parts/leaf.tsx',
  'electron/leaf.ts',
  ...rooms.map(leafOf),
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
  const files = new Set([...Object.keys(forbidden), ...Object.keys(allowed)])
  for (const path of files) await plant(path, [...(forbidden[path] ?? []), ...(allowed[path] ?? [])])
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

  it('is that of ARCHITECTURE.md', () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8')
    const shown = /<!-- floors:[^>]*-->\n([\s\S]*?)<!-- \/floors -->/.exec(text)?.[1]
    const row = (name: string, may: readonly string[], above: readonly string[]) => {
      const rest = above.filter((one) => !may.includes(one))
      const most = rest.length === 0 ? 'all above' : `all above but ${quoted(rest)}`
      return `| \`${name}\` | ${may.length > 8 ? most : quoted(may) || '–'} |`
    }
    const quoted = (names: readonly string[]) => names.map((one) => `\`${one}\``).join(' ')
    const lines = rooms.map((room, at) => row(room, floors[room] ?? [], rooms.slice(0, at)))
    expect(shown?.trim().split('\n')).toEqual(['| of `core` | may import |', '|---|---|', ...lines])
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
})
