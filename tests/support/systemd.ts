// A scripted systemctl and loginctl, to be put first on the PATH: they note how they were called and answer as told. The fake of systemd stands here, at
// the system's border; whether the units are right is asked of the real systemd-analyze (tests/unit/systemd-unit.test.ts).
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ScriptedSystem {
  /** The folder of the programs. */
  readonly bin: string
  /** Every call so far, with its arguments. */
  calls(): string[]
}

/** A systemd that knows whether a unit was started: for `show` of its state, since when, and of lingering. */
export const knowing = (folder: string) => `
case "$*" in
  *Version*) echo 252 ;;
  *enable\\ --now*) touch '${folder}/started' ;;
  *disable*) rm -f '${folder}/started' ;;
  *ActiveState*) [ -e '${folder}/started' ] && echo active || echo inactive ;;
  *UnitFileState*) [ -e '${folder}/started' ] && echo enabled || echo disabled ;;
  *ActiveEnterTimestamp*) [ "$TZ" = UTC ] && echo 'Mon 2026-03-02 12:00:00 UTC' ;;
  *Linger*) echo yes ;;
esac`

/** `script`: what both say, and how they end. */
export function scriptSystem(folder: string, script: string, bin = join(folder, 'bin')): ScriptedSystem {
  const log = join(folder, 'calls')
  mkdirSync(bin, { recursive: true })
  for (const name of ['systemctl', 'loginctl']) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return {
    bin,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
  }
}
