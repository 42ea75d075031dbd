// The store suite on every kind of store that works on this machine alone.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore } from '../../core/stores/open.ts'
import { localStore, mediumStore, memoryStore } from './fixtures/local-stores.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('local', () => localStore())

storeSuite('medium', mediumStore)

storeSuite('medium made by LabBook (no marker)', async () => {
  const path = temporaryFolder()
  mkdirSync(join(path, 'SIGL_sauvegardes'))
  const store = await openStore({ kind: 'medium', path })
  onTestFinished(() => store.close())
  return store
})

storeSuite('memory', memoryStore)
