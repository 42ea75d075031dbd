// The store over SFTP against a real OpenSSH server of the test's own: the whole suite, and what is about appearing again with a server that can
// do only what version 3 of the protocol says.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { openSftp } from '../../core/stores/sftp.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { storeSuite } from './store-suite.ts'
import { wholeOrAbsent } from './store-suite-whole.ts'

let [full, bare]: (Sshd | undefined)[] = []

beforeAll(async () => {
  full = await startSshd()
  bare = await startSshd({ sftp: '-P posix-rename,hardlink,fsync,statvfs,limits' })
})
afterAll(async () => {
  await full?.stop()
  await bare?.stop()
})

async function opened(sshd: Sshd | undefined) {
  if (!sshd) throw new Error('no server')
  const { port, user, key, folder } = sshd
  const path = mkdtempSync(join(folder, 'place-'))
  const store = await openSftp({ host: '127.0.0.1', port, user, path, hostKey: sshd.fingerprint() }, { key })
  onTestFinished(() => store.close())
  return store
}

storeSuite('sftp', () => opened(full))
describe('sftp without extensions', () => wholeOrAbsent(() => opened(bare)))
