import { readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { own } from '../../core/engine/ownership.ts'
import { figure, rounds } from '../support/campaign.ts'
import { type Child, start } from '../support/child.ts'
import { compile } from '../support/compile.ts'
import { temporaryFolder } from '../support/folder.ts'

let program: string
beforeAll(async () => {
  program = await compile('owner')
})

/** Processes that all begin at the same moment; those that own the folder, and those that do not. */
async function race(home: string, count: number, then = ''): Promise<{ owners: Child[]; answers: string[] }> {
  const children = Array.from({ length: count }, () => start(program, [home, then]))
  await Promise.all(children.map((child) => child.line()))
  for (const child of children) child.say('go')
  const answers = await Promise.all(children.map(async (child) => (await child.line()) ?? 'ended'))
  return { owners: children.filter((_, at) => answers[at]?.startsWith('{"owned":true')), answers }
}

async function killOwner(home: string): Promise<void> {
  const { owners } = await race(home, 1)
  await owners[0]?.kill()
}

async function claimFile(home: string): Promise<string> {
  const name = (await readdir(home)).find((each) => each.startsWith('owner-'))
  return join(home, name ?? '')
}

/** Makes the present claim look as if somebody else had written it. */
async function changeClaim(home: string, changes: object): Promise<string> {
  const path = await claimFile(home)
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }))
  return path
}

describe('the owner of a data folder', () => {
  it('is exactly one of twenty processes that start at once, and all others know it', async () => {
    const home = await temporaryFolder()
    const { owners, answers } = await race(home, 20)
    expect(owners).toHaveLength(1)
    const others = answers.map((answer) => JSON.parse(answer)).filter((answer) => !answer.owned)
    expect(others).toHaveLength(19)
    for (const other of others)
      expect(other.owner).toMatchObject({ pid: owners[0]?.pid, host: hostname(), role: 'test' })
    expect(await readdir(home)).toEqual(['owner-1.json'])
  })

  it('is exactly one of ten after the former one was killed, again and again', async () => {
    const home = await temporaryFolder()
    await killOwner(home)
    const kills = rounds(3, 100)
    for (let round = 0; round < kills; round += 1) {
      const { owners } = await race(home, 10)
      expect(owners).toHaveLength(1)
      await owners[0]?.kill()
    }
    expect(await readdir(home)).toEqual([`owner-${kills + 1}.json`])
    figure('kills', kills)
  })

  it('is never two at a time when many processes come and go', async () => {
    const home = await temporaryFolder()
    const { answers } = await race(home, 6, 'churn')
    const counts = answers.map((answer) => JSON.parse(answer) as Record<'owned' | 'refused' | 'clashes', number>)
    const sum = (name: 'owned' | 'refused' | 'clashes') => counts.reduce((total, each) => total + each[name], 0)
    expect(sum('clashes')).toBe(0)
    expect(sum('owned')).toBeGreaterThan(6)
    expect(sum('refused')).toBeGreaterThan(0)
  })

  it('can be followed at once after it gave the folder free, and leaves one small file', async () => {
    const home = await temporaryFolder()
    for (let round = 1; round <= 3; round += 1) {
      const ownership = await own(home)
      expect(ownership.owned).toBe(true)
      expect(await own(home)).toMatchObject({ owned: false, owner: { pid: process.pid } })
      if (ownership.owned) await ownership.release()
      expect(await readdir(home)).toEqual([`owner-${round}.json`])
    }
  })

  it('that is stopped (not dead) keeps the folder', async () => {
    const home = await temporaryFolder()
    const { owners } = await race(home, 1)
    owners[0]?.signal('SIGSTOP')
    expect(await own(home)).toMatchObject({ owned: false, owner: { pid: owners[0]?.pid } })
  })

  it('is not confused with another process that got its number', async () => {
    const home = await temporaryFolder()
    await killOwner(home)
    await changeClaim(home, { pid: process.pid })
    const ownership = await own(home)
    expect(ownership.owned).toBe(true)
  })

  it('of an earlier start of this computer is dead', async () => {
    const home = await temporaryFolder()
    await race(home, 1)
    await changeClaim(home, { bootId: '00000000-0000-0000-0000-000000000000' })
    expect(await own(home)).toMatchObject({ owned: true })
  })

  it.each([
    ['on another computer', { host: 'elsewhere', machine: 'other' }, 120],
    ['on another computer of the same name', { machine: 'other', bootId: 'other' }, 120],
    ['in another container', { space: 'pid:[1]', pid: 1 }, 30],
  ])('%s is alive as long as it gives signs of life', async (_, changes, seconds) => {
    const home = await temporaryFolder()
    await killOwner(home)
    const path = await changeClaim(home, changes)
    const ago = (age: number) => utimes(path, new Date(), new Date(Date.now() - age * 1000))
    expect(await own(home)).toMatchObject({ owned: false })
    await ago(seconds - 5)
    expect(await own(home)).toMatchObject({ owned: false, owner: { role: 'test' } })
    await ago(seconds + 1)
    expect(await own(home)).toMatchObject({ owned: true })
  })

  it('gives signs of life, and is told when the folder was taken over', async () => {
    const home = await temporaryFolder()
    const { owners } = await race(home, 1)
    const path = await claimFile(home)
    await utimes(path, new Date(0), new Date(0))
    const mtime = async () => (await stat(path)).mtimeMs
    await expect.poll(mtime, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0)
    await writeFile(join(home, 'owner-2.json'), await readFile(path))
    expect(await owners[0]?.line()).toBe('lost')
  })

  it.each(['', '{"pid":', 'null', '{"pid":"x"}'])(
    'with a damaged claim (%j) is given up after a moment',
    async (text) => {
      const home = await temporaryFolder()
      const path = join(home, 'owner-7.json')
      await writeFile(path, text)
      const ownership = await own(home)
      expect(ownership.owned).toBe(true)
      expect(await readdir(home)).toEqual(['owner-8.json'])
    },
  )

  it('sweeps what a crash left, but no draft that may still be in use', async () => {
    const home = await temporaryFolder()
    await writeFile(join(home, 'owner-old.new'), '')
    await writeFile(join(home, 'owner-3.json.x.now'), '')
    await writeFile(join(home, 'owner-fresh.new'), '')
    for (const name of ['owner-old.new', 'owner-3.json.x.now']) await utimes(join(home, name), new Date(0), new Date(0))
    await own(home)
    expect(await readdir(home)).toEqual(['owner-1.json', 'owner-fresh.new'])
  })

  it('never fails to give the folder free', async () => {
    const home = await temporaryFolder()
    const ownership = await own(home)
    await rename(home, `${home}.moved`)
    if (ownership.owned) await ownership.release()
    await rename(`${home}.moved`, home)
    expect(await readdir(home)).toEqual(['owner-1.json'])
  })

  it('tells when the folder cannot be written', async () => {
    await expect(own(join(await temporaryFolder(), 'missing'))).rejects.toMatchObject({ code: 'not-found' })
    await expect(own('/proc')).rejects.toMatchObject({ name: 'Failure' })
  })
})
