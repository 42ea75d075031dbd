// The methods about the backups on a place: a part of the contract (contract.ts).
import { z } from 'zod'
import { method, none, RunRef } from './contract-base.ts'
import { Artifact, Medium, MediumRef } from './model.ts'
import { Note } from './place.ts'
import { Finding, Problem } from './problem.ts'

/** What removing backups by hand means. Executing takes its id and refuses (`changed`) when the world has changed since. */
export const RemovalPreview = z.object({
  id: z.uuid(),
  medium: Medium,
  /** Newest first. */
  artifacts: z.array(Artifact),
  /** Bytes that they take. */
  freed: z.number(),
  findings: z.array(Finding),
})
export type RemovalPreview = z.infer<typeof RemovalPreview>

/** What would go so that there is room for the next backups, of which plan, and whether that is enough. Bytes. */
export const RoomPreview = RemovalPreview.omit({ artifacts: true }).extend({
  /** What is wanted; what is free now. */
  need: z.number().int().nonnegative(),
  free: z.number().int().nonnegative(),
  /** What all that may go would free. Where even that is too little, nothing is proposed. */
  could: z.number().int().nonnegative(),
  enough: z.boolean(),
  /** Newest first. */
  going: z.array(z.object({ planId: z.uuid(), plan: z.string(), artifact: Artifact })),
  /** Plans of which nothing may go now, and why. */
  heldBack: z.array(z.object({ planId: z.uuid(), plan: z.string(), problem: Problem })),
})
export type RoomPreview = z.infer<typeof RoomPreview>

/** Room for `backups` more of a plan, or of each plan that is known to have one there; `need`: for so many bytes instead. */
export const RoomWanted = z.object({
  medium: MediumRef,
  planId: z.uuid().optional(),
  need: z.number().int().positive().optional(),
  backups: z.number().int().min(1).max(1000).default(1),
  /** Backups of other plans may go as well; without a plan they always may. */
  others: z.boolean().default(false),
})
export type RoomWanted = z.input<typeof RoomWanted>

export const artifactContract = {
  /** Newest first. `odd`: what lies beside the backups and was left aside. */
  list: method
    .input(z.object({ medium: MediumRef }))
    .output(z.object({ medium: Medium, artifacts: z.array(Artifact), odd: z.array(Problem).optional() })),
  /** Notes on the medium that no rule may remove this backup, or takes the note away. */
  pin: method.input(z.object({ medium: MediumRef, artifact: z.string(), pinned: z.boolean() })).output(none),
  /** Writes down beside a backup what a person wants to know of it later, or takes that away. */
  note: method.input(z.object({ medium: MediumRef, artifact: z.string(), note: Note.nullable() })).output(none),
  /** Changes nothing. One that is not there: `not-found`. */
  previewRemoval: method
    .input(z.object({ medium: MediumRef, artifacts: z.array(z.string()).min(1).max(100) }))
    .output(RemovalPreview),
  /**
   * What could go to make room, for `remove` as of `previewRemoval`: by the rules of each plan what it lets go anyway, then the oldest; never the two newest
   * good ones of a plan, pinned ones, what is being read, or anything of a plan that is held back. Changes nothing. Nobody knows what the next one takes:
   * `room-unknown`.
   */
  previewRoom: method.input(RoomWanted).output(RoomPreview),
  /**
   * What was shown to make room and may not go any more, or is not enough any more: `changed`. `last`: a person has agreed in so many words that no good backup
   * is left (finding `delete-last`, which else is the failure).
   */
  remove: method.input(z.object({ preview: z.uuid(), last: z.boolean().optional() })).output(RunRef),
}
