// What the compiled program may contain: the terminal and the worker never reach Electron, a sandboxed preload loads nothing but
// Electron, the page loads nothing from outside its folder.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const out = 'out'

/** Every module a compiled file imports, its own chunks followed. */
function reaches(file: string, seen = new Set<string>()): Set<string> {
  const text = readFileSync(join(out, 'main', file), 'utf8')
  for (const [, name = ''] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)) {
    if (seen.has(name)) continue
    seen.add(name)
    if (name.startsWith('./')) reaches(name.slice(2), seen)
  }
  return seen
}

/** What cli.ts loads for all but the process before the work. */
function programFile(): string {
  return readdirSync(join(out, 'main')).find((name) => /^cli-program-[^.]+\.js$/.test(name)) ?? ''
}

/** The sources of a compiled file and of all that it loads at once: what is only loaded when it is needed is not followed. */
function loadedAtOnce(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const text = readFileSync(join(out, 'main', file), 'utf8')
  const mapFile = join(out, 'main', `${file}.map`)
  // The compiler's own few lines have none.
  const map = existsSync(mapFile)
    ? (JSON.parse(readFileSync(mapFile, 'utf8')) as { sources: string[] })
    : { sources: [] }
  const names = [...text.matchAll(/^import\b(?:[^"';]*\bfrom)?\s*["']([^"']+)["']/gm)].map(([, name = '']) => name)
  const packages = names.filter((name) => !/^(?:\.|node:)/.test(name)).map((name) => `node_modules/${name}/`)
  const chunks = names.filter((name) => name.startsWith('./')).map((name) => name.slice(2))
  return [...map.sources, ...packages, ...chunks.flatMap((chunk) => loadedAtOnce(chunk, seen))]
}

describe('the compiled program', () => {
  // Each costs every start of a program or a thread some tens of milliseconds (core/lib/DECISIONS.md).
  it.each([
    ['pool-thread.js', /node_modules\/|core\/api\/plan\.ts/],
    ['worker.js', /node_modules\/(?!zod\/|drivelist\/)|core\/api\/(?:plan|contract)\.ts/],
    ['cli-program.js', /node_modules\/(?:openpgp|node-schedule|luxon|cron-parser|nodemailer|cli-progress)\//],
  ])('%s loads at once what it needs', (file, needless) => {
    const sources = loadedAtOnce(file === 'cli-program.js' ? programFile() : file)
    expect(sources.length).toBeGreaterThan(10)
    expect(sources.filter((source) => needless.test(source))).toEqual([])
  })

  it.each(['cli.js', 'worker.js', 'pool-thread.js'])('%s runs without Electron', (file) => {
    const modules = reaches(file)
    expect(modules.size).toBeGreaterThan(0)
    expect([...modules].filter((name) => name === 'electron' || name.startsWith('electron/'))).toEqual([])
  })

  it('main.js is the one that needs it', () => {
    expect([...reaches('main.js')]).toContain('electron')
  })

  it('keeps npm packages outside, so that native modules load', () => {
    expect([...reaches('cli.js')]).toContain('keytar')
  })

  it('has every part beside the others, where they look for each other', () => {
    const files = readdirSync(join(out, 'main'), { withFileTypes: true })
    expect(files.filter((entry) => entry.isDirectory())).toEqual([])
    expect(existsSync(join(out, 'main', 'worker.js'))).toBe(true)
  })

  it('has a preload of one file that loads nothing but Electron', () => {
    const files = readdirSync(join(out, 'preload'))
    expect(files).toEqual(['preload.cjs'])
    const text = readFileSync(join(out, 'preload', 'preload.cjs'), 'utf8')
    const required = [...text.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name]) => name)
    expect([...new Set(required)]).toEqual(['electron'])
    expect(text).not.toMatch(/^\s*(import|export)\b/m)
  })

  it('has a page that loads nothing from outside its folder', () => {
    const html = readFileSync(join(out, 'renderer', 'index.html'), 'utf8')
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !link.startsWith('./'))).toEqual([])
  })
})
