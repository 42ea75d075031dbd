// Drives and media: the one file of this folder that others import.
// list.ts: what is plugged in; media.ts: which of it can receive backups; marker.ts: what makes a medium ours; fitness.ts: what speaks against one;
// bare.ts: what stands where a medium belongs; initialise.ts: make one ready; watch.ts: news; eject.ts: safe to unplug;
// same.ts: whether a path lies on one.
import { barePlace, type Former, unmountedPlace } from './bare.ts'
import { eject } from './eject.ts'
import { fitness, type Need } from './fitness.ts'
import { initialise } from './initialise.ts'
import { mediumFolder, readMarker, writeMarker } from './marker.ts'
import { listMedia, refuseTwins, resolveMedium } from './media.ts'
import { asOnMedium } from './same.ts'
import { watchDrives } from './watch.ts'

export type { Former, Need }
export {
  asOnMedium,
  barePlace,
  eject,
  fitness,
  initialise,
  listMedia,
  mediumFolder,
  readMarker,
  refuseTwins,
  resolveMedium,
  unmountedPlace,
  watchDrives,
  writeMarker,
}
