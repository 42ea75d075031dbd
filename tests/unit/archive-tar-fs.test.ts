// Our archives open with tar-fs too: a reader that is neither ours nor GNU's, on the same header codec.
import { mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-fs'
import { expect, it } from 'vitest'
import type { Entry } from '../../core/archive/archive.ts'
import { packTar } from '../../core/archive/tar.ts'
import { bytesOf } from '../../core/lib/bytes.ts'

const common = {
  mode: 0o640,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  mtime: 1_600_000_000_250,
  size: 0,
}

async function* entries(): AsyncGenerator<Entry> {
  yield { ...common, path: 'été', type: 'folder', mode: 0o755 }
  yield { ...common, path: `été/${'long '.repeat(40)}.txt`, type: 'file', size: 5, body: bytesOf('hello') }
  yield { ...common, path: 'été/link', type: 'symlink', target: '../elsewhere' }
}

it('opens with tar-fs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'arche-tar-fs-'))
  try {
    await pipeline(Readable.from(packTar(undefined, entries())), extract(join(folder, 'out')))
    const file = join(folder, 'out', 'été', `${'long '.repeat(40)}.txt`)
    expect(await readFile(file, 'utf8')).toBe('hello')
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('640')
    expect(await readlink(join(folder, 'out', 'été', 'link'))).toBe('../elsewhere')
  } finally {
    await rm(folder, { recursive: true })
  }
})
