// What a target with contents indexes promises (core/targets/target.ts, `Indexing`): part of the suite of targets.
import { execFileSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import type { PackFormat } from '../../core/api/plan.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { copyIndex, indexing as indexed, readIndex } from '../../core/runs/contents.ts'
import type { Stat } from '../../core/stores/store.ts'
import { artifactOf, contentsName, type Listed } from '../../core/targets/contents.ts'
import type { Saved } from '../../core/targets/target.ts'
import { file, folder, link, symlink } from '../support/entries.ts'
import { gnupg } from '../unit/fixtures/gnupg.ts'
import { all, read } from './fixtures/streams.ts'
import { about, context, item, type Scene, saved, unlock, type Whole } from './fixtures/target-scene.ts'

/** The third name is that of a Latin-1 disk. */
const many = [
  folder('Photos'),
  file('Photos/été.jpg', 'x'.repeat(70_000)),
  file('Photos/\udce9t\udce9', 'y'),
  symlink('Photos/to', '../\udcff elsewhere'),
  link('Photos/same', 'Photos/été.jpg'),
]

const nameOf = ({ artifact }: Pick<Saved, 'artifact'>) => contentsName(artifact) ?? ''

async function rows(target: Whole, name: string, stat?: Pick<Stat, 'size'>) {
  const found: Listed[] = []
  const ctx = context()
  const size = (stat ?? (await target.stat(name)))?.size ?? 0
  const known = await readIndex(target, { name, size }, (await unlock()).unlock, ctx, (entry) => found.push(entry))
  return { known, found, notes: ctx.notes.map(({ details }) => details.reason) }
}

const listing = ({ path, type, size, target }: (typeof many)[number] | Listed) => ({ path, type, size, target })

export function indexing(scene: Scene): void {
  test('a backup has an index that tells what is in it, in its order, and what it is about', async () => {
    const { store, target } = await scene()
    const done = await saved(target, many)
    const { known, found } = await rows(target, done.artifact)
    expect(known).toMatchObject({ files: 4, bytes: 70_001, head: { plan: 'Photos', host: 'here' } })
    expect(found.map(listing)).toEqual(many.map(listing))
    // Backups are listed, and checked, as if there were none.
    expect((await target.artifacts()).map(({ name }) => name)).toEqual([done.artifact])
    expect([...(await target.checksums(() => undefined)).keys()]).toEqual([done.artifact])
    expect((await all(store.list())).map(({ name }) => name).filter(artifactOf)).toEqual([nameOf(done)])
  })

  test.each<[PackFormat, string]>([
    ['tar.gz.gpg', 'gzip -dc'],
    ['tar.zst.gpg', 'zstd -dc'],
    ['tar', 'gzip -dc'],
    ['tar.zst', 'zstd -dc'],
  ])('the index of %s opens with gpg and %s', async (format, command) => {
    const { store, target } = await scene()
    const done = await target.save(item(many), { ...(await about()), pack: { format } }, context())
    const stored = await read(store.get(nameOf(done)))
    const plain = format.endsWith('.gpg') ? await decrypted(stored) : stored
    const lines = execFileSync('sh', ['-c', command], { input: plain }).toString().trimEnd().split('\n')
    const parsed = lines.map((line) => JSON.parse(line))
    expect(parsed[0]).toMatchObject({ contents: 1, artifact: done.artifact, head: { plan: 'Photos' } })
    expect(parsed.slice(1, -1).map(listing)).toEqual(many.map(listing))
    expect(parsed.at(-1)).toEqual({ entries: 5, files: 4, bytes: 70_001, size: done.stored, sha256: done.sha256 })
  })

  test('where it cannot be written the backup is none the worse for it', async () => {
    const { store, target } = await scene((store) => ({
      put: (name, body, options) =>
        artifactOf(name) ? store.put(`${name}/../x`, body, options) : store.put(name, body, options),
    }))
    const ctx = context()
    const done = await target.save(item(many), await about(), ctx)
    expect(ctx.warnings).toEqual([])
    expect(ctx.notes.map(({ code }) => code)).toEqual(['contents-unwritten'])
    expect((await target.artifacts())[0]?.sha256).toBe(done.sha256)
    expect(await store.stat(nameOf(done))).toBeUndefined()
    expect(await rows(target, done.artifact)).toEqual({ known: undefined, found: [], notes: [] })
  })

  test('what reads back differently does not stay', async () => {
    const { store, target } = await scene((store) => ({
      async *get(name, options) {
        if (artifactOf(name)) yield Buffer.from('other')
        else yield* store.get(name, options)
      },
    }))
    const done = await saved(target, many)
    expect(await store.stat(nameOf(done))).toBeUndefined()
  })

  test('a damaged one, one of another backup and one of an earlier state are not believed', async () => {
    const { store, target } = await scene()
    const first = await saved(target, many)
    const second = await saved(target)
    const whole = Buffer.from(await read(store.get(nameOf(first))))
    const put = (bytes: Uint8Array) => store.put(nameOf(first), bytesOf(bytes), { replace: true })
    for (const [bytes, reason] of [
      [whole.map((byte, at) => (at === whole.length - 30 ? byte ^ 1 : byte)), 'OpenPGP'],
      [whole.subarray(0, -40), 'truncated'],
      [Buffer.from('{}\n'), expect.any(String)],
      [await read(store.get(nameOf(second))), 'index-foreign'],
    ] as const) {
      await put(bytes)
      const { known, notes } = await rows(target, first.artifact)
      expect([known, notes]).toEqual([undefined, [reason]])
    }
    await put(whole)
    expect((await rows(target, first.artifact)).known).toBeDefined()
    expect((await rows(target, first.artifact, { size: first.stored + 1 })).notes).toEqual(['index-foreign'])
    const sums = String(await read(store.get('SHA256SUMS'))).replace(first.sha256, '0'.repeat(64))
    await store.put('SHA256SUMS', bytesOf(sums), { replace: true })
    expect((await rows(target, first.artifact)).notes).toEqual(['index-foreign'])
  })

  test('a backup without one gets one that is as good while it is read', async () => {
    const { store, target } = await scene()
    const done = await saved(target, many)
    const before = (await rows(target, done.artifact)).found
    await store.remove(nameOf(done))
    const ctx = context()
    const opens = await unlock()
    const at = { name: '', path: '', store: { kind: 'medium' as const, path: '/nowhere' } }
    const index = await indexed(target, { at, artifact: done.artifact, ...opens }, ctx)
    if (!index) throw new Error('no index')
    onTestFinished(() => index.close())
    const opened = await target.open(done.artifact, { ...opens, seen: index.seen }, ctx)
    for await (const { body } of index.entries(opened)) if (body) await read(body)
    // The place cannot be written to.
    await index.put({ name: done.artifact, size: done.stored, mtime: 0 })
    expect(ctx.notes.map(({ code }) => code)).toEqual(['contents-unwritten'])
    await index.putInto(target, { name: done.artifact, size: done.stored, mtime: 0 })
    const { known, found } = await rows(target, done.artifact)
    expect(known).toMatchObject({ files: 4, head: { plan: 'Photos' } })
    expect(found).toEqual(before)
  })

  test('goes with its backup; one that a killed removal left is swept', async () => {
    const { store, target } = await scene()
    const [first, second, third] = [await saved(target), await saved(target), await saved(target)]
    const report = { gone: () => undefined, stays: () => undefined }
    await target.remove([{ name: first.artifact, size: first.stored }], context(), report)
    expect(await store.stat(nameOf(first))).toBeUndefined()
    await store.remove(second.artifact)
    await target.settle(context())
    const left = (await all(store.list())).map(({ name }) => name).filter(artifactOf)
    expect(left).toEqual([nameOf(third)])
  })

  test('a copy has it too, byte by byte', async () => {
    const [one, other] = [await scene(), await scene()]
    const done = await saved(one.target, many)
    await copyIndex(one.target, other.target, done.artifact, context())
    expect(await read(other.store.get(nameOf(done)))).toEqual(await read(one.store.get(nameOf(done))))
    const ctx = context()
    await copyIndex(other.target, one.target, done.artifact.replace('Photos', 'Others'), ctx)
    expect(ctx.notes).toEqual([])
  })
}

async function decrypted(message: Uint8Array): Promise<Buffer> {
  const gpg = gnupg()
  try {
    const { privateKeys, password } = (await unlock()).unlock
    gpg.run(['--import'], { input: privateKeys[0] ?? '', password })
    return gpg.run(['--decrypt'], { input: message, password })
  } finally {
    gpg.close()
  }
}
