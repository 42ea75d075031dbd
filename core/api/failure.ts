// The one error type that crosses module borders, and the closed list of its codes.
// Guarantees: a Failure survives JSON (toProblem / fromProblem) and never carries a secret: details are shown to people.
// Does not hold sentences: text and hint come from text/<language>/problem.json by code and details (see text/text.ts).
// Their schemas are in problem.ts: threads that know failures need no zod, which takes longer to load than they do.
// Findings (before work) and warnings (during work) use the same codes, so a sentence is written once.

/** Every way in which something can be wrong. Adding one means adding `text` and `hint` in both languages. */
export const failureCodes = [
  // calls and engine
  'bad-input',
  'internal',
  'cancelled',
  'busy',
  'place-busy',
  'not-found',
  'exists',
  'changed',
  'denied',
  'unreachable',
  'bad-range',
  'locked',
  'engine-gone',
  'config-damaged',
  'config-missing',
  'config-newer',
  'home-full',
  'home-unwritable',
  'home-unknown',
  'socket-taken',
  'end-unwritten',
  'given-up',
  'temp-not-removed',
  'io',
  // operator password
  'operator-unset',
  'operator-needed',
  'operator-wrong',
  'operator-wait',
  'password-empty',
  'password-missing',
  'password-encoding',
  'labbook-password',
  // backup key and secrets
  'no-key',
  'unencrypted',
  'wrong-password',
  'wrong-key',
  'bad-key-file',
  'key-expired',
  'key-expires-soon',
  'key-unusable',
  'key-unprotected',
  'key-lost',
  'key-damaged',
  'key-file-unreadable',
  'key-files-many',
  'key-second',
  'key-exists',
  'key-folder-empty',
  'no-keychain',
  'secret-missing',
  'key-password-needed',
  'key-file-missing',
  // archives
  'damaged',
  'truncated',
  'unsupported-format',
  'checksum-missing',
  'beside-unreadable',
  'beside-unwritable',
  'contents-unusable',
  'contents-unwritten',
  'search-unwritten',
  // media
  'no-medium',
  'no-backups',
  'several-media',
  'not-initialised',
  'medium-not-here',
  'mount-missing',
  'medium-not-of-plan',
  'already-initialised',
  'medium-gone',
  'medium-read-only',
  'medium-changed',
  'no-space',
  'space-tight',
  'file-too-large',
  'system-disk',
  'fixed-disk',
  'eject-busy',
  'fat-limits',
  // places in the network
  'place-unreachable',
  'place-host-key',
  'place-host-key-new',
  'place-denied',
  'place-key',
  'place-passphrase',
  'place-protocol',
  'place-folder-missing',
  'place-refused',
  'place-locked',
  'place-in-use',
  'place-no-eject',
  // sources
  'source-missing',
  'source-not-folder',
  'source-unreadable',
  'source-empty',
  'attributes-unread',
  'source-is-medium',
  'source-contains-medium',
  'source-nested',
  'exclude-refused',
  'exclude-unused',
  'medium-left-out',
  'file-unreadable',
  'file-incomplete',
  'file-size-wrong',
  'file-changed',
  'file-vanished',
  'file-special',
  'file-socket',
  'clock-back',
  'folder-missing',
  // what a backup lacks that earlier ones of its plan had
  'sources-empty',
  'loss-source-emptied',
  'loss-not-mounted',
  'loss-folder-vanished',
  'loss-folder-emptied',
  'loss-fewer-files',
  'loss-fewer-bytes',
  'loss-unreadable',
  'loss-renamed',
  'loss-scrambled',
  'loss-blanked',
  'loss-mass-change',
  'loss-replaced',
  'loss-database-vanished',
  'loss-database-emptied',
  'loss-dump-shrunk',
  // databases
  'database-ready',
  'databases-ready',
  'database-unreachable',
  'database-denied',
  'database-missing',
  'database-rights',
  'database-tables',
  'dump-failed',
  'database-history',
  'database-generated',
  'dump-unloadable',
  'dump-packet',
  'views-left-out',
  'temporary-space',
  'temporary-space-tight',
  // restoring
  'target-unwritable',
  'target-inside-medium',
  'entry-refused',
  'entry-failed',
  'copy-incomplete',
  'entry-too-long',
  'metadata-failed',
  'attributes-failed',
  'attributes-skipped',
  'attributes-unsupported',
  'privileges-restored',
  'parents-made',
  'parents-unknown',
  'replaces-files',
  'nothing-selected',
  'origin-unknown',
  'restore-rolled-back',
  'restore-unfinished',
  'documents-missing',
  'documents-damaged',
  // restoring a server
  'dump-absent',
  'dump-refused',
  'load-failed',
  'switch-failed',
  'replaces-server',
  'restore-rights',
  'restore-waiting',
  'safety-copy-failed',
  // external programs
  'restart-failed',
  'restart-late',
  'service-program',
  'tool-missing',
  'tool-failed',
  // schedule
  'not-running',
  'nobody-schedules',
  'made-up-soon',
  'schedule-paused',
  'on-battery',
  'metered',
  'outside-window',
  'medium-absent',
  'still-running',
  'another-running',
  // copies
  'copy-source-absent',
  'copy-same-place',
  'copy-cancelled',
  'done-by-hand',
  'interrupted',
  // keep
  'backup-removed',
  'backup-not-removed',
  'backup-deleted',
  'backup-not-deleted',
  'backup-pinned',
  'delete-last',
  'delete-last-here',
  'delete-foreign',
  'delete-unchecked',
  'delete-safety-copy',
  'keep-held-back',
  'keep-could-free',
  'keep-makes-room',
  'room-unknown',
  'safety-not-removed',
  // mail
  'mail-unset',
  'mail-unreachable',
  'mail-tls',
  'mail-denied',
  'mail-password',
  'mail-recipient',
  'mail-rejected',
  'ping-failed',
] as const

export type FailureCode = (typeof failureCodes)[number]

/** Values that fill the gaps of a sentence. Never a secret. Byte counts are numbers, times ISO 8601 strings. */
export type Details = Record<string, string | number | boolean | string[]>

/** A Failure, finding or warning as plain data. */
export interface Problem {
  code: FailureCode
  details: Details
}

/** A problem shown before work starts. `error` stops the work, `warning` asks for a confirmation, `info` only tells. */
export interface Finding extends Problem {
  level: 'error' | 'warning' | 'info'
}

/** Thrown for everything that can go wrong in use. Bugs stay ordinary errors and are shown as `internal`. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly details: Details
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean

  constructor(code: FailureCode, details: Details = {}, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.details = details
    this.retryable = options.retryable ?? false
  }

  toProblem(): Problem {
    return { code: this.code, details: this.details }
  }
}

/** Any thrown value as plain data; a bug becomes `internal` with its message, its stack belongs in the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Failure) return error.toProblem()
  return { code: 'internal', details: { message: error instanceof Error ? error.message : String(error) } }
}

/** The Failure for the first finding that forbids the work, if any. */
export function blocking(findings: readonly Finding[]): Failure | undefined {
  const stop = findings.find((finding) => finding.level === 'error')
  return stop && new Failure(stop.code, stop.details)
}
