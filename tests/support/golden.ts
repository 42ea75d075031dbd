// Media as real LabBook servers left them (tests/golden/labbook), one backup of each age, with what must come out of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const golden = join(import.meta.dirname, '../golden/labbook')

export const b30 = 'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg'
export const b29 = 'backup_SIGL_2019-10-07_23h16m55s.tar.gz'
export const b25 = 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'

/** Of the key that lies on media of 3.0 and 2.9. */
export const goldenPassword = readFileSync(join(golden, 'key-password.txt'), 'utf8').trimEnd()

/** Of LabBook 3.0, with the escrow key beside. */
export const goldenKeys = join(golden, 'v30/SIGL_sauvegardes')
