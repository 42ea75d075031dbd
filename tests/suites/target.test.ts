// Every kind of target, on every kind of store that works on this machine alone.
import { Shelf } from '../../core/targets/shelf.ts'
import { localStore, mediumStore, memoryStore } from './fixtures/local-stores.ts'
import { targetSuite } from './target-suite.ts'

const stores = { memory: memoryStore, local: () => localStore(), medium: mediumStore }

for (const [name, make] of Object.entries(stores)) targetSuite(`shelf on ${name}`, (store) => new Shelf(store), make)
