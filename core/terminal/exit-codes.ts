// The one table of exit codes of the terminal form, printed by `arche --help` and promised to scripts.
// Guarantees: every failure code has an exit code (the compiler checks it); a number never changes its meaning.
// Does not decide what is shown: see output.ts.
import type { FailureCode } from '../api/failure.ts'
import type { Outcome, Run } from '../api/model.ts'

/** Meaning → exit code. 130 is what shells report for a program that Ctrl-C ended. */
export const exitCodes = {
  success: 0,
  internal: 1,
  usage: 2,
  warning: 3,
  password: 4,
  medium: 5,
  space: 6,
  archive: 7,
  source: 8,
  restore: 9,
  key: 10,
  busy: 11,
  system: 12,
  unknown: 13,
  cancelled: 130,
} as const
export type ExitName = keyof typeof exitCodes

const names: Record<FailureCode, ExitName> = {
  'bad-input': 'usage',
  internal: 'internal',
  cancelled: 'cancelled',
  busy: 'busy',
  'not-found': 'usage',
  exists: 'usage',
  changed: 'busy',
  denied: 'system',
  unreachable: 'system',
  'bad-range': 'archive',
  locked: 'busy',
  'engine-gone': 'unknown',
  'config-damaged': 'system',
  'config-newer': 'system',
  io: 'system',
  'operator-unset': 'password',
  'operator-needed': 'password',
  'operator-wrong': 'password',
  'operator-wait': 'password',
  'password-empty': 'password',
  'password-missing': 'password',
  'no-key': 'key',
  'wrong-password': 'password',
  'wrong-key': 'archive',
  'bad-key-file': 'key',
  'key-expired': 'key',
  'key-exists': 'key',
  'no-keychain': 'key',
  'secret-missing': 'key',
  damaged: 'archive',
  truncated: 'archive',
  'unsupported-format': 'archive',
  'checksum-missing': 'archive',
  'no-medium': 'medium',
  'several-media': 'medium',
  'not-initialised': 'medium',
  'already-initialised': 'medium',
  'medium-gone': 'medium',
  'medium-read-only': 'medium',
  'medium-changed': 'medium',
  'no-space': 'space',
  'space-tight': 'space',
  'file-too-large': 'space',
  'system-disk': 'medium',
  'fixed-disk': 'medium',
  'eject-busy': 'medium',
  'fat-limits': 'space',
  'source-missing': 'source',
  'source-not-folder': 'source',
  'source-unreadable': 'source',
  'source-empty': 'source',
  'source-is-medium': 'source',
  'source-contains-medium': 'source',
  'source-nested': 'source',
  'file-unreadable': 'source',
  'file-changed': 'source',
  'file-vanished': 'source',
  'file-special': 'source',
  'clock-back': 'medium',
  'folder-missing': 'source',
  'database-ready': 'source',
  'database-unreachable': 'source',
  'database-denied': 'password',
  'database-missing': 'source',
  'database-rights': 'source',
  'database-tables': 'source',
  'dump-failed': 'source',
  'temporary-space': 'space',
  'temporary-space-tight': 'space',
  'target-unwritable': 'restore',
  'target-inside-medium': 'restore',
  'entry-refused': 'restore',
  'entry-failed': 'restore',
  'metadata-failed': 'restore',
  'replaces-files': 'restore',
  'nothing-selected': 'restore',
  'origin-unknown': 'restore',
  'restore-rolled-back': 'restore',
  'restore-unfinished': 'restore',
  'documents-missing': 'restore',
  'tool-missing': 'system',
  'tool-failed': 'system',
  'not-running': 'busy',
  'nobody-schedules': 'busy',
  'made-up-soon': 'busy',
  'schedule-paused': 'busy',
  'on-battery': 'system',
  metered: 'system',
  'outside-window': 'busy',
  'medium-absent': 'medium',
  'still-running': 'busy',
  'another-running': 'busy',
  'done-by-hand': 'busy',
  interrupted: 'cancelled',
}

/** The exit code of a command that ended with this failure. */
export function exitOfFailure(code: FailureCode): number {
  return exitCodes[names[code]]
}

const outcomes: Record<Exclude<Outcome, 'error'>, ExitName> = {
  success: 'success',
  warning: 'warning',
  cancelled: 'cancelled',
  skipped: 'warning',
  missed: 'warning',
  abandoned: 'internal',
}

/** The exit code of a command whose run has ended. A run without an outcome is one whose end nobody saw. */
export function exitOfRun(run: Run): number {
  if (run.outcome === undefined) return exitCodes.unknown
  if (run.outcome === 'error') return run.failure ? exitOfFailure(run.failure.code) : exitCodes.internal
  return exitCodes[outcomes[run.outcome]]
}
