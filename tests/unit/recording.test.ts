// The order and the account of a contents index while files are read by others in their own time, and the listing that is made of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Entry, LateFile, LateOutcome, Member } from '../../core/archive/archive.ts'
import { openSealed } from '../../core/archive/archive.ts'
import { Listing, ListingWriter } from '../../core/restore/listing.ts'
import { type Listed, parseContents } from '../../core/targets/contents.ts'
import { Recording } from '../../core/targets/recording.ts'
import { file, folder, stream } from '../support/entries.ts'

const artifact = 'backup_v30_X_2026-03-02_12h00m00s.tar.gz'

function recorder(): Recording {
  return new Recording({ artifact, format: 'tar.gz', recipients: [], temp: '' })
}

async function read(recording: Recording) {
  const text = openSealed(await recording.finish({ size: 7, sha256: 'x' }), undefined, 'none')
  const contents = await parseContents(text, artifact)
  const found: Listed[] = []
  for await (const entry of contents.entries) found.push(entry)
  return { paths: found.map(({ path }) => path), found, account: contents.account() }
}

function late(path: string, size: number, told: LateOutcome[] = []): LateFile {
  const open = () => stream([file(path, 'x'.repeat(size))]) as AsyncIterable<Entry>
  return { type: 'late', path, at: `/${path}`, size, open, told: (outcome) => void told.push(outcome) }
}

test('files that are told of in another order stand where they are in the archive', async () => {
  const recording = recorder()
  const told: LateOutcome[] = []
  const passed: Member[] = []
  const members = [
    folder('a'),
    late('a/1', 1, told),
    file('a/2'),
    late('a/3', 3),
    late('a/4', 4),
    late('a/5', 5),
    file('b'),
  ]
  async function* all() {
    yield* members
  }
  for await (const member of recording.members(all())) passed.push(member)
  const [, one, , three, four, five] = passed as LateFile[]
  const read4 = { size: 40, framed: 512, mtime: 5, mode: 0o600 }
  four?.told(read4)
  // It cannot be opened any more; it comes again at the end; larger than it was, it is opened in its turn.
  one?.told({ framed: 0 })
  three?.told({ framed: 0, again: true })
  for await (const _ of five?.open() ?? []);
  for await (const _ of three?.open() ?? []);
  const { paths, found, account } = await read(recording)
  expect(paths).toEqual(['a', 'a/2', 'a/4', 'a/5', 'b', 'a/3'])
  expect(found[2]).toMatchObject({ size: 40, mtime: 5, type: 'file' })
  expect(account).toEqual({ entries: 6, files: 5, bytes: 40 + 5 + 3 + 3 + 1, size: 7, sha256: 'x' })
  expect(told).toEqual([{ framed: 0 }])
  await recording.close()
})

test('what goes wrong with it is thrown at its end, and not at the archive', async () => {
  const recording = new Recording({ artifact, format: 'tar.gz.gpg', recipients: [], temp: '' })
  const passed: string[] = []
  for await (const entry of recording.entries(stream([folder('a'), file('a/1')]))) passed.push(entry.path)
  expect(passed).toEqual(['a', 'a/1'])
  await expect(recording.finish({ size: 1, sha256: 'x' })).rejects.toMatchObject({ code: 'no-key' })
  await recording.close()
})

test('an index that is cut short, goes on, or lies about its length is damaged', async () => {
  const head = `{"contents":1,"artifact":"${artifact}"}\n`
  const line = '{"path":"a","type":"file","size":1,"mtime":1,"mode":"644"}\n'
  const end = '{"entries":1,"files":1,"bytes":1,"size":7,"sha256":"x"}\n'
  const attempt = async (text: string) => {
    async function* bytes() {
      for (const part of text) yield Buffer.from(part)
    }
    const contents = await parseContents(bytes(), artifact)
    for await (const _ of contents.entries);
    return contents.account().entries
  }
  expect(await attempt(head + line + end)).toBe(1)
  for (const [text, reason] of [
    [head + line, 'index-end'],
    [head + line + end.slice(0, -1), 'index-end'],
    [head + line + end + line, 'index-end'],
    [head + line + line + end, 'index-line'],
    [`${head}no JSON\n${end}`, 'index-line'],
    [head + line.replace('"file"', '"fil"') + end, 'index-line'],
    [head + line.replace('"size":1', '"size":-1') + end, 'index-line'],
    [head.replace('"contents":1', '"contents":2') + line + end, 'index-foreign'],
    [head.replace('_X_', '_Y_') + line + end, 'index-foreign'],
    ['', 'index-foreign'],
    ['x'.repeat(1024 * 1024 + 1), 'index-line'],
  ])
    await expect(attempt(text as string)).rejects.toMatchObject({ code: 'damaged', details: { reason } })
})

async function listing(paths: readonly Pick<Entry, 'path' | 'type' | 'size'>[], fits?: (path: string) => boolean) {
  const root = mkdtempSync(join(tmpdir(), 'arche-listing-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const at = join(root, 'listing')
  const writer = await ListingWriter.begin(at)
  for (const entry of paths) writer.add({ ...entry, mtime: 0 })
  return { total: await writer.finish(fits), listing: new Listing(at) }
}

const some = [
  { path: 'b/z', type: 'file', size: 1 },
  { path: 'b-c', type: 'file', size: 2 },
  { path: 'b', type: 'folder', size: 0 },
  { path: 'never/named/x', type: 'file', size: 4 },
  { path: 'b/a folder/\udce9', type: 'file', size: 8 },
  { path: 'b/a folder', type: 'folder', size: 0 },
  { path: '/absolute', type: 'file', size: 16 },
  { path: 'b/Ä', type: 'symlink', size: 0 },
  { path: 'b/a', type: 'file', size: 32 },
] as const

test('a listing is read by folder, folders first, each with what is below it', async () => {
  const { total, listing: made } = await listing(some)
  expect(total).toEqual({ entries: 9, files: 7, bytes: 63, top: ['b', 'b-c', 'never', ''] })
  const children = async (folder: string, offset = 0, limit = 100) => {
    const { entries, total } = await made.children(folder, offset, limit)
    return [total, ...entries.map(({ path, name, type, files, bytes }) => [path, name, type, files, bytes])]
  }
  expect(await children('')).toEqual([
    3,
    ['b', 'b', 'folder', 4, 41],
    ['never', 'never', 'folder', 1, 4],
    ['b-c', 'b-c', 'file', 1, 2],
  ])
  expect(await children('b')).toEqual([
    4,
    ['b/a folder', 'a folder', 'folder', 1, 8],
    ['b/a', 'a', 'file', 1, 32],
    ['b/Ä', 'Ä', 'symlink', 1, 0],
    ['b/z', 'z', 'file', 1, 1],
  ])
  expect(await children('b', 1, 2)).toEqual([4, ['b/a', 'a', 'file', 1, 32], ['b/Ä', 'Ä', 'symlink', 1, 0]])
  expect(await children('b', 4, 2)).toEqual([4])
  expect(await children('b/a folder')).toEqual([1, ['b/a folder/\udce9', '\udce9', 'file', 1, 8]])
  expect(await children('never')).toEqual([1, ['never/named', 'named', 'folder', 1, 4]])
  expect(await children('nowhere')).toEqual([0])
  expect([...made.all()].map(({ path }) => path)).toEqual(some.map(({ path }) => path))
})

test('a listing leaves out what does not fit after all; an empty one is empty', async () => {
  const { total, listing: made } = await listing(some, (path) => !path.startsWith('b/'))
  expect(total).toMatchObject({ entries: 4, files: 3, bytes: 22 })
  expect((await made.children('b', 0, 10)).total).toBe(0)
  const { listing: none } = await listing([])
  expect(await none.children('', 0, 10)).toEqual({ entries: [], total: 0 })
})
