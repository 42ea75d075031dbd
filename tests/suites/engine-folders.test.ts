// What there is to be backed up, told by the engine before there is a plan: the folders of a person, and how much a source holds.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { openOn } from '../support/engine.ts'

let root: string
let engine: Engine
let client: EngineClient

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-folders-'))
  await mkdir(join(root, 'Documents', '.cache'), { recursive: true })
  await writeFile(join(root, 'Documents', 'a.txt'), 'a'.repeat(100_000))
  await writeFile(join(root, 'Documents', '.cache', 'b'), 'b'.repeat(50_000))
  vi.stubEnv('HOME', root)
  vi.stubEnv('XDG_CONFIG_HOME', join(root, '.config'))
  engine = await openOn(join(root, 'data'))
  client = await engine.connect()
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

const folders = (paths: string[], exclude: string[] = []) => ({
  source: { kind: 'folders' as const, paths, exclude, ...(exclude.length > 0 && { excludeSyntax: 2 as const }) },
})

describe('folders of a person', () => {
  it('are told, and measured with what is left out; nothing is kept of it', async () => {
    const documents = join(root, 'Documents')
    expect(await client.folder.usual({})).toEqual([
      { kind: 'documents', path: documents },
      { kind: 'home', path: root },
    ])
    const whole = await client.folder.measure(folders([documents]))
    expect(whole).toMatchObject({ files: 2, bytes: 150_000 })
    // It is one letter, many times.
    expect(whole.stored).toBeLessThan(20_000)
    expect(await client.folder.measure(folders([documents], ['.cache/']))).toMatchObject({ files: 1, bytes: 100_000 })
    await expect(client.folder.measure(folders([join(root, 'gone')]))).rejects.toMatchObject({ code: 'source-missing' })
    expect(await client.run.history({})).toEqual([])
  })

  it('are not measured to the end once nobody wants to know', async () => {
    const ending = new AbortController()
    const measured = client.folder.measure(folders(['/usr']), { signal: ending.signal })
    ending.abort()
    await expect(measured).rejects.toBeDefined()
    expect((await client.app.state({})).active).toEqual([])
  })
})
