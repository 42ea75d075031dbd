// Drives and media: the one file of this folder that others import.
// list.ts: what is plugged in; media.ts: which of it can receive backups; marker.ts: what makes a medium ours; fitness.ts: what speaks against one;
// initialise.ts: make one ready; watch.ts: news; eject.ts: safe to unplug.
import { eject } from './eject.ts'
import { fitness } from './fitness.ts'
import { initialise } from './initialise.ts'
import { hasMediumFolder, mediumFolder, readMarker, writeMarker } from './marker.ts'
import { listMedia, resolveMedium } from './media.ts'
import { watchDrives } from './watch.ts'

export {
  eject,
  fitness,
  hasMediumFolder,
  initialise,
  listMedia,
  mediumFolder,
  readMarker,
  resolveMedium,
  watchDrives,
  writeMarker,
}
