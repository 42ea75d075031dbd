// The part of the contract about what there is to be backed up on this computer, before there is a plan for it.
import { z } from 'zod'
import { method, none } from './contract-base.ts'
import { FolderKind } from './model.ts'
import { PlanSource } from './plan.ts'

export const folderContract = {
  /** The folders that people keep their things in, as far as they are there; home last. */
  usual: method.input(none).output(z.array(z.object({ kind: FolderKind, path: z.string() }))),
  /**
   * Counts what a backup would read. Long for large trees; cancel through the call's signal. `stored`: bytes of an archive in the usual format; absent where
   * nobody knows what the content is made of. Failures as of `backup.preview`'s findings.
   */
  measure: method
    .input(z.object({ source: PlanSource }))
    .output(z.object({ files: z.number().int(), bytes: z.number(), stored: z.number().optional() })),
}
