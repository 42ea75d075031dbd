// Methods about media: list, look at, make ready, eject.

import { Failure } from '../api/failure.ts'
import { isInUse, touchesData } from '../api/lanes.ts'
import { eject, fitness, initialise } from '../drives/drives.ts'
import { findMedium, placeFindings, rememberMedium } from '../services/media.ts'
import { presentMedia } from '../services/present-media.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

export function mediumMethods(services: Services) {
  return {
    list: methods.medium.list.handler(() => presentMedia(services)),
    check: methods.medium.check.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      const findings = fitness(medium).filter((finding) => finding.code !== 'not-initialised')
      return { medium, findings: [...findings, ...(await placeFindings(services, medium))] }
    }),
    init: methods.medium.init.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      if (medium.initialised && medium.id !== undefined) throw new Failure('already-initialised', { name: medium.name })
      const [doubt] = input.asNew ? [] : await placeFindings(services, medium)
      if (doubt) throw new Failure(doubt.code, doubt.details)
      const ready = await initialise(medium, { name: input.name ?? medium.name, now: services.now() })
      await rememberMedium(services, ready)
      await services.refresh('media')
      return ready
    }),
    eject: methods.medium.eject.handler(async ({ input }) => {
      const medium = await findMedium(services, input.medium)
      // What is read or replaced may lie on it.
      const held = services.runner.held()
      if (isInUse(medium, held) || touchesData(held)) throw new Failure('eject-busy', { name: medium.name })
      await eject(medium)
      await services.refresh('media')
      return {}
    }),
  }
}
