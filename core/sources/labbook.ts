// A LabBook server as a source, under the names of LabBook 3 (api/labbook-layout.ts).
// Guarantees: the four names are there in every backup, in this order; a document folder that the server does not have is an empty one, told as
// `folder-missing`. Does not know how LabBook itself is stopped or started.
import { join } from 'node:path'
import { documentFolders, dumpFile } from '../api/labbook-layout.ts'
import type { LabbookSource } from '../api/sources/labbook.ts'
import { bundleSource } from './bundle.ts'
import { foldersSource } from './folders.ts'
import { mysqlSource } from './mysql.ts'
import { chooseRoots } from './roots.ts'
import type { Means, Source } from './source.ts'

export function labbookSource(
  { storage, database }: LabbookSource,
  { leaveOut, temp, databasePassword, pack }: Means,
): Source {
  const bundle = bundleSource([
    mysqlSource({ database, password: databasePassword, temp, file: dumpFile, pack }),
    foldersSource({
      paths: documentFolders.map((name) => join(storage, name)),
      names: documentFolders,
      exclude: [],
      leaveOut,
      pack,
    }),
  ])
  return {
    ...bundle,
    async check(signal) {
      const missing = chooseRoots([storage]).findings.filter((finding) => finding.level === 'error')
      return missing.length > 0 ? missing : bundle.check(signal)
    },
  }
}
