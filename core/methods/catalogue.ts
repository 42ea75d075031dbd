// Methods about the search over all backups.
// Guarantees: searching and looking read this computer's disk alone; what is told to be here may be gone by the time that it is wanted.
import type { FileVersion, FoundFile } from '../api/contract-catalogue.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import type { Match } from '../catalogue/search.ts'
import { readyMedium } from '../services/media.ts'
import { backupOf, learnFrom, missingIn, originOf, upToDate } from '../services/searching.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

export function catalogueMethods(services: Services) {
  const { catalogue } = services
  return {
    search: methods.catalogue.search.handler(async ({ input, signal }) => {
      await upToDate(services)
      const { text, limit, plan: subject, before } = input
      const wanted = { text, limit, subject, ...(before === undefined ? {} : { before: Date.parse(before) }) }
      const { matches, total, more } = await catalogue.find(wanted, signal)
      return { files: matches.map((match) => foundFile(services, match)), total, more }
    }),

    versions: methods.catalogue.versions.handler(async ({ input }) => {
      await upToDate(services)
      const found = await catalogue.versions(input, input.path)
      const versions = found.map(({ size, mtime, type, held }): FileVersion => {
        return { size, mtime, type, backups: held.map((one) => backupOf(services, one)) }
      })
      const newest = found[0]?.held[0]
      const origin = newest && originOf(input.path, newest)
      return { versions, ...(origin === undefined ? {} : { origin }) }
    }),

    missing: methods.catalogue.missing.handler(async ({ input }) => {
      await upToDate(services)
      const missing = await missingIn(services, input.network)
      return {
        subjects: catalogue.subjects(),
        missing: missing.map(({ medium, artifacts }) => ({
          medium,
          artifacts: [...artifacts],
          closed: artifacts.some((name) => !opensWithoutKey(name)),
        })),
      }
    }),

    add: methods.catalogue.add.handler(async ({ input, signal }) => {
      await upToDate(services)
      const { learned, without } = await learnFrom(services, await readyMedium(services, input.medium), input, signal)
      return { learned: [...learned], without: [...without] }
    }),
  }
}

function foundFile(services: Services, { held, ...file }: Match): FoundFile {
  const origin = originOf(file.path, held)
  return { ...file, ...(origin === undefined ? {} : { origin }), backup: backupOf(services, held) }
}
