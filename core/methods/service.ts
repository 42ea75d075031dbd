// Methods about the background service. What systemd is told is in core/systemd/service.ts.
// Guarantees: a service that is asked about itself answers before it ends, and does not end what runs.

import { Failure, type Problem, toProblem } from '../api/failure.ts'
import type { Services } from '../services/services.ts'
import {
  demandSystemd,
  installService,
  type Program,
  removeService,
  type ServicePlace,
  servicePlace,
  serviceUnit,
  systemUnit,
} from '../systemd/service.ts'
import { methods } from './base.ts'

export function serviceMethods(services: Services) {
  const { home, isService, runner } = services
  const where = () => servicePlace({ home })
  const unhurt = () => {
    const [active] = isService ? runner.active() : []
    if (active) throw new Failure('busy', { subject: active.subject })
  }
  return {
    status: methods.service.status.handler(async () => {
      const place = await problemOf(where)
      if ('problem' in place) return { ...place, self: isService }
      const means = await problemOf(() => meansFor(services, place.found))
      const unit = await serviceUnit(place.found)
      const system = await systemUnit(place.found)
      return {
        ...('problem' in means && means),
        ...(unit && { unit }),
        ...(system && { systemUnit: system }),
        self: isService,
      }
    }),
    install: methods.service.install.handler(async () => {
      const place = await where()
      const program = await meansFor(services, place)
      unhurt()
      const { steps } = await installService(place, program, { self: isService, mayEnd: unhurt })
      return { steps: [...steps] }
    }),
    remove: methods.service.remove.handler(async () => {
      const place = await where()
      unhurt()
      const removed = await removeService(place, { self: isService })
      if (!removed) throw new Failure('not-found', { name: place.name })
      return { steps: [...removed.steps] }
    }),
  }
}

/** What a service is made from here. Failures: those of `service.status`. */
async function meansFor({ terminalProgram }: Services, place: ServicePlace): Promise<Program> {
  const program = await terminalProgram()
  if (!program) throw new Failure('service-program')
  await demandSystemd(place)
  return program
}

async function problemOf<T>(look: () => Promise<T>): Promise<{ readonly found: T } | { readonly problem: Problem }> {
  try {
    return { found: await look() }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { problem: toProblem(error) }
  }
}
