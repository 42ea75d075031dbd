// The methods about places: a part of the contract (contract.ts).
import { z } from 'zod'
import { method, none } from './contract-base.ts'
import { HostKey, Note, Place, PlaceDraft, PlaceSecrets, PlaceSeen, PlaceTrial } from './place.ts'

const PlaceRef = z.object({ id: z.uuid() })

export const placeContract = {
  /** In the order of their names. `ask`: each is asked how it is (`state`), all at once; one that does not answer costs some seconds. */
  list: method.input(z.object({ ask: z.boolean().default(false), id: z.uuid().optional() })).output(z.array(PlaceSeen)),
  /**
   * The host key that a server shows; nothing is sent to it. It is for a person to compare with what whoever runs the server says, and then part of the
   * draft. Failures: `place-unreachable`, `place-protocol`.
   */
  look: method
    .input(z.object({ host: z.string().min(1).max(255), port: z.number().int().min(1).max(65_535).optional() }))
    .output(HostKey),
  /**
   * Logs in, then takes over the marker that lies there, with its id and name (`adopted`), or lays a new one. Of what is not given, what is kept for
   * the same account is taken; secrets go into the keychain, or stay in memory until Arche is closed (`remember` false). Failures: those of the store
   * (`place-denied`, `place-host-key`, `place-folder-missing`…), `place-locked` (no secret), `no-keychain`, `exists` {name} (another place has this name
   * or is the same), and with an id `medium-changed`, `not-initialised`. For folders also those of `medium.init`; `asNew` as there.
   */
  save: method
    .input(
      z.object({
        draft: PlaceDraft,
        secrets: PlaceSecrets.optional(),
        remember: z.boolean().default(true),
        asNew: z.boolean().optional(),
      }),
    )
    .output(z.object({ place: Place, adopted: z.boolean() })),
  /** Secrets for a place that has none here, until Arche is closed: where there is no keychain. Tries them: those of the store when they are wrong. */
  unlock: method.input(PlaceRef.extend({ secrets: PlaceSecrets })).output(none),
  /** Forgets the place and its secrets; what lies there is not touched. Failure `place-in-use` {name, plans}. */
  remove: method.input(PlaceRef).output(none),
  /** Writes down something about a place or a drive that is known here, by its id; null: nothing any more. Failure `not-found`. */
  note: method.input(PlaceRef.extend({ note: Note.nullable() })).output(none),
  /** Writes something there, reads it back, compares and removes it. */
  test: method.input(PlaceRef).output(PlaceTrial),
}
