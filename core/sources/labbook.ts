// A LabBook server as a source, under the names of LabBook 3: `dump/dump.sql`, `report/`, `upload/`, `resource/`.
// Guarantees: the four names are there in every backup, in this order; a document folder that the server does not have is an empty one, told as
// `folder-missing`. Does not know how LabBook itself is stopped or started.
import { join } from 'node:path'
import type { LabbookSource } from '../api/plan.ts'
import { bundleSource } from './bundle.ts'
import { foldersSource } from './folders.ts'
import { mysqlSource } from './mysql.ts'
import { chooseRoots } from './roots.ts'
import type { Means, Source } from './source.ts'

const documents = ['report', 'upload', 'resource']

export function labbookSource(
  { storage, database }: LabbookSource,
  { leaveOut, temp, databasePassword }: Means,
): Source {
  const bundle = bundleSource([
    mysqlSource({ database, password: databasePassword, temp, file: 'dump/dump.sql' }),
    foldersSource({ paths: documents.map((name) => join(storage, name)), names: documents, exclude: [], leaveOut }),
  ])
  return {
    ...bundle,
    async check(signal) {
      const missing = chooseRoots([storage]).findings.filter((finding) => finding.level === 'error')
      return missing.length > 0 ? missing : bundle.check(signal)
    },
  }
}
