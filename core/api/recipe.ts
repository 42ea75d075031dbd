// How the archive file of each format is made: its suffixes in order, a codec after the `tar`, then a cipher. What follows from that: whether a backup
// needs a key. Guarantees: pure, without zod; every format has a recipe and every
// recipe one format. How codecs and ciphers work: archive/codecs.ts, ciphers.ts.
import { parseArtifactName } from './backup-name.ts'
import { type PackFormat, packFormats } from './pack-formats.ts'
import type { Method, Plan } from './plan.ts'

/** How bytes are made fewer; the suffix, but for `none`, which has none. */
export const codecNames = ['none', 'gz', 'zst'] as const
export type CodecName = (typeof codecNames)[number]

/** How bytes are kept from others; the suffix, but for `none`, which has none. */
export type CipherName = 'none' | 'gpg'

export interface Recipe {
  readonly codec: CodecName
  readonly cipher: CipherName
}

export const recipes = {
  tar: { codec: 'none', cipher: 'none' },
  'tar.gz': { codec: 'gz', cipher: 'none' },
  'tar.zst': { codec: 'zst', cipher: 'none' },
  'tar.gpg': { codec: 'none', cipher: 'gpg' },
  'tar.gz.gpg': { codec: 'gz', cipher: 'gpg' },
  'tar.zst.gpg': { codec: 'zst', cipher: 'gpg' },
} as const satisfies Record<PackFormat, Recipe>

/** The format that is made by a recipe. */
export function formatOf({ codec, cipher }: Recipe): PackFormat {
  const found = packFormats.find((format) => recipes[format].codec === codec && recipes[format].cipher === cipher)
  if (!found) throw new Error(`no format for ${codec} and ${cipher}`)
  return found
}

/** Backups of this format are made for keys, and open with the password of one. */
export function isEncrypted(format: PackFormat): boolean {
  return recipes[format].cipher !== 'none'
}

/** What is read of a backup's file name tells that it opens without any key. LabBook's are all encrypted. */
export function opensWithoutKey(artifact: string): boolean {
  const pack = parseArtifactName(artifact)?.pack
  return pack !== undefined && !isEncrypted(pack)
}

/** Without a key these plans make no backup, not all of them at least; where there is no plan yet, the usual one will want a key. */
export function keyNeeded(plans: readonly { readonly method: Method }[]): boolean {
  return plans.length === 0 || plans.some(({ method }) => isEncrypted(method.format))
}

/** One of these plans makes its backups without a key. */
export function anyWithoutKey(plans: readonly Pick<Plan, 'method'>[]): boolean {
  return plans.some(({ method }) => !isEncrypted(method.format))
}
