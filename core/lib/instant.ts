// Times of files as exactly as a system has them: to the nanosecond, for every number of seconds that 64 bits hold.
// Guarantees: pure; a time survives its text unchanged. The text is that of PAX (POSIX.1-2001, pax, "mtime"): decimal seconds since 1970.

/** When a file was last changed. */
export interface FileTime {
  /** Milliseconds since 1970, with a fraction down to a microsecond. */
  readonly mtime: number
  /** The same as text, where a number of milliseconds cannot say it exactly: it lies between microseconds, or far away. */
  readonly time?: string | undefined
}

/** Nanoseconds count forwards from the second, also before 1970. */
export interface Instant {
  readonly seconds: bigint
  readonly nanos: number
}

const billion = 1_000_000_000n
/** Microseconds up to which a number of milliseconds keeps each of them. */
const exactly = 2n ** 52n
const most = 2n ** 63n - 1n
const least = -(2n ** 63n)

/** Digits of seconds that are read: more than 64 bits need, so that what is only odd is not taken for damaged. */
const mostDigits = 40

export function fileTime(nanos: bigint): FileTime {
  return nanos >= 0n && nanos < near ? nearTime(nanos) : anyTime(nanos)
}

/** Nanoseconds up to the year 2110: nearly all times, and great numbers are slow. */
const near = 2n ** 62n

function nearTime(nanos: bigint): FileTime {
  const seconds = Number(nanos / billion)
  let rest = Number(nanos % billion)
  const micros = Math.floor(rest / 1000)
  const mtime = (seconds * 1_000_000 + micros) / 1000
  if (rest === micros * 1000) return { mtime }
  let digits = 9
  for (; rest % 10 === 0; rest /= 10) digits -= 1
  return { mtime, time: `${seconds}.${String(rest).padStart(digits, '0')}` }
}

function anyTime(nanos: bigint): FileTime {
  const micros = nanos >= 0n ? nanos / 1000n : (nanos - 999n) / 1000n
  const mtime = Number(micros) / 1000
  if (micros * 1000n === nanos && micros < exactly && micros > -exactly) return { mtime }
  return { mtime, time: timeText(nanos) }
}

/** Undefined for what is no time. */
export function parseTime(text: string): FileTime | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (!parts || (parts[2] as string).length > mostDigits) return undefined
  const [, minus, whole, fraction = ''] = parts
  const nanos = BigInt(whole as string) * billion + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const beyond = /[1-9]/.test(fraction.slice(9))
  return fileTime(minus ? -nanos - (beyond ? 1n : 0n) : nanos)
}

export function instantOf({ mtime, time }: FileTime): Instant {
  const nanos = time === undefined ? BigInt(Math.round(mtime * 1000)) * 1000n : nanosOf(time)
  const rest = ((nanos % billion) + billion) % billion
  return { seconds: (nanos - rest) / billion, nanos: Number(rest) }
}

/** What a system can be told: within 64 bits. */
export function isPossible({ seconds }: Instant): boolean {
  return seconds <= most && seconds >= least
}

export function textOf(time: FileTime): string {
  return time.time ?? timeText(BigInt(Math.round(time.mtime * 1000)) * 1000n)
}

function nanosOf(text: string): bigint {
  const minus = text.startsWith('-')
  const [whole = '', fraction = ''] = text.slice(minus ? 1 : 0).split('.')
  const nanos = BigInt(whole) * billion + BigInt(fraction.padEnd(9, '0'))
  return minus ? -nanos : nanos
}

/** Without zeros at the end. */
function timeText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos
  const fraction = String(size % billion)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${size / billion}${fraction && `.${fraction}`}`
}
