// The layout of a LabBook 3 backup: what its folders and its dump are called in an archive. Fixed: LabBook's own tool restores by these names.
// Older backups (archive/labbook-old.ts) are read as if they had it. Pure; knows nothing of how it is read or written.

/** The folder of the dump, and the dump of the database in it. */
export const dumpFolder = 'dump'
export const dumpFile = `${dumpFolder}/dump.sql`

/** Folders of documents, below the storage folder of a server and at the top of an archive. */
export const documentFolders = ['report', 'upload', 'resource'] as const

export type DocumentFolder = (typeof documentFolders)[number]

export function isDocumentFolder(name: string): name is DocumentFolder {
  return documentFolders.some((folder) => folder === name)
}

/** Whether a path of an archive is a folder of documents or something below one. */
export function isDocument(path: string): boolean {
  return isDocumentFolder(path.split('/')[0] as string)
}

/** Whether the top names of an archive can be those of a LabBook 3 backup, and not those of another with a `dump/`. */
export function hasLabbookLayout(names: readonly string[]): boolean {
  return names.includes(dumpFolder) && names.includes(documentFolders[0])
}
