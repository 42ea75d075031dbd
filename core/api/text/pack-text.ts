// How the archives of a plan are made, in words: the same in window and terminal. Pure.
import type { Method } from '../plan.ts'
import { isEncrypted, recipes } from '../recipe.ts'
import type { Translate } from './text.ts'

/** "tar.gz.gpg, balanced", "tar, not encrypted": a level only where something is compressed. */
export function packInWords({ format, compression = 'balanced' }: Method, t: Translate): string {
  const level = recipes[format].codec === 'none' ? [] : [t(`common.compression.${compression}`)]
  const clear = isEncrypted(format) ? [] : [t('common.not-encrypted')]
  return [format, ...level, ...clear].join(', ')
}
