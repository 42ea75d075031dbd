// The store suite on every kind of store that works on this machine alone.
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeMarker } from '../../core/drives/marker.ts'
import { openStore, type Store, type StoreRef } from '../../core/stores/store.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'
import { storeSuite } from './store-suite.ts'

async function opened(ref: StoreRef): Promise<Store> {
  const store = await openStore(ref)
  onTestFinished(() => store.close())
  return store
}

storeSuite('local', () => opened({ kind: 'local', folder: temporaryFolder() }))

storeSuite('medium', async () => {
  const path = temporaryFolder()
  const id = randomUUID()
  await writeMarker(path, { arche: 1, id, name: 'STICK', createdAt: new Date().toISOString() })
  return opened({ kind: 'medium', path, id })
})

storeSuite('medium made by LabBook (no marker)', async () => {
  const path = temporaryFolder()
  mkdirSync(join(path, 'SIGL_sauvegardes'))
  return opened({ kind: 'medium', path })
})

storeSuite('memory', () => opened({ kind: 'memory' }))
