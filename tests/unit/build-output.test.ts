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

describe('the compiled program', () => {
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
