// The suffixes of archive files, each of which says how its file is made (recipe.ts). On their own and without zod, because every thread loads them.

export const packFormats = ['tar', 'tar.gz', 'tar.zst', 'tar.gpg', 'tar.gz.gpg', 'tar.zst.gpg'] as const
export type PackFormat = (typeof packFormats)[number]
