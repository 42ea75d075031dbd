// The recipe suite on every recipe, with the real GnuPG.
import { afterAll, beforeAll } from 'vitest'
import { PackFormat } from '../../core/api/plan.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from '../unit/fixtures/gnupg.ts'
import { recipeSuite } from './recipe-suite.ts'

let gpg: Gnupg
let key: GnupgKey
beforeAll(() => {
  gpg = gnupg()
  key = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Bare', password: '' })
})
afterAll(() => gpg.close())

for (const format of PackFormat.options) recipeSuite(format, () => ({ gpg, key }))
