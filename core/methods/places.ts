// Methods about places: list, look at a server, take up, try, forget.

import { notePlace, placeById, removePlace, savePlace, seen, tryPlace, unlockPlace } from '../services/places.ts'
import { placesOf } from '../services/present-media.ts'
import type { Services } from '../services/services.ts'
import { hostKeyOf } from '../stores/sftp-login.ts'
import { methods } from './base.ts'

export function placeMethods(services: Services) {
  return {
    list: methods.place.list.handler(async ({ input: { ask, id } }) => {
      const places = id === undefined ? [...placesOf(services)] : [placeById(services, id)]
      const list = await Promise.all(places.map((place) => seen(services, place, ask)))
      if (ask) await services.refresh('media')
      return list.sort((one, other) => one.place.name.localeCompare(other.place.name))
    }),
    look: methods.place.look.handler(({ input, signal }) => hostKeyOf(input, signal ? { signal } : {})),
    save: methods.place.save.handler(({ input }) => savePlace(services, input)),
    unlock: methods.place.unlock.handler(async ({ input }) => {
      await unlockPlace(services, input.id, input.secrets)
      return {}
    }),
    remove: methods.place.remove.handler(async ({ input }) => {
      await removePlace(services, input.id)
      return {}
    }),
    note: methods.place.note.handler(async ({ input: { id, note } }) => {
      await notePlace(services, id, note)
      return {}
    }),
    test: methods.place.test.handler(({ input, signal }) => tryPlace(services, input.id, signal)),
  }
}
