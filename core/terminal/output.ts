// What the terminal form prints, in one of two voices: sentences for people, or JSON lines for programs (`--json`).
// Guarantees: results go to stdout, everything else to stderr; with `--json` stdout has JSON lines only, each with a `type`
//   finding {level, code, details, text, hint}    before work starts
//   progress {kind, subject, operation, done, total?, rate, remaining?, path?, warnings}
//   output {text}                                 one for each line that a restart command said
//   entry {path, kind, size, mtime}               one for each member of a listed backup
//   warning {code, details, text, hint}           one for each thing left out
//   result {command, outcome, exitCode, …}        last line of a command that did its work
//   error {code, details, text, hint, exitCode}   last line of one that did not
// A reader that went away (`arche list | head`) silences the output and never stops the work. Colours only on a terminal without NO_COLOR.
import { styleText } from 'node:util'
import type { Finding, Problem } from '../api/failure.ts'
import type { Language } from '../api/model.ts'
import { formatBytes, formatTime } from '../api/text/format.ts'
import { describe, type Translate, translator } from '../api/text/text.ts'
import { wrap } from './layout.ts'

/** The part of process.stdout and process.stderr that is used. */
export interface Sink {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): boolean
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'
export type Paint = (style: Style, text: string) => string

export interface Output {
  readonly json: boolean
  readonly language: Language
  readonly t: Translate
  /** Columns of the terminal behind stderr; infinite where there is none, so that a log has whole sentences. */
  readonly columns: number
  /** True when stderr is a terminal that can redraw a line. */
  readonly live: boolean
  /** A line for people on stdout. */
  say(text?: string): void
  /** A line for people on stderr: what is going on, what to know. */
  note(text?: string): void
  finding(finding: Finding): void
  warning(problem: Problem): void
  /** `extra` fields go into the JSON line. */
  error(problem: { code: string; text: string; hint: string; details?: Problem['details'] }, exitCode: number): void
  /** One JSON line; nothing for people. */
  emit(type: 'progress' | 'entry' | 'output' | 'result', data: Readonly<Record<string, unknown>>): void
  /** For stdout. */
  paint: Paint
  bytes(count: number): string
  time(iso: string): string
}

export interface OutputOptions {
  json: boolean
  language: Language
  env: Readonly<Record<string, string | undefined>>
  stdout: Sink
  stderr: Sink
}

/** Writes until the reader has gone. Any other error of a stream is a bug or a full disk and is thrown. */
function writer(sink: Sink): (text: string) => void {
  let open = true
  sink.on('error', (error) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    open = false
  })
  return (text) => {
    if (open) sink.write(text)
  }
}

/** Colours where `sink` is a terminal; the convention of no-color.org, and TERM=dumb. */
function painter(sink: Sink, env: OutputOptions['env']): Paint {
  const colours = sink.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text)
}

export function createOutput(options: OutputOptions): Output {
  const { json, language, env } = options
  const t = translator(language)
  const out = writer(options.stdout)
  const err = writer(options.stderr)
  const paint = painter(options.stdout, env)
  const paintError = painter(options.stderr, env)
  const columns = options.stderr.isTTY ? Math.max(40, options.stderr.columns || 80) : Number.POSITIVE_INFINITY
  const emitLine = (data: object) => out(`${JSON.stringify(data)}\n`)
  const note = (text = '') => {
    if (!json) err(`${text.startsWith(' ') ? text : wrap(text, columns, '')}\n`)
  }

  /** Two lines: a marked sentence, and the hint under it. */
  const tell = (style: Style, mark: string, words: { text: string; hint: string }) => {
    if (json) return
    err(`${wrap(words.text, columns, '  ', `${paintError(style, mark)} `)}\n`)
    err(`${paintError('dim', wrap(words.hint, columns, '  '))}\n`)
  }

  return {
    json,
    language,
    t,
    columns,
    live: !json && options.stderr.isTTY === true && env.TERM !== 'dumb',
    paint,
    note,
    say: (text = '') => {
      if (!json) out(`${text}\n`)
    },
    finding(finding) {
      const words = describe(finding, language)
      if (json) return emitLine({ type: 'finding', ...finding, ...words })
      const styles = { error: 'red', warning: 'yellow', info: 'dim' } as const
      return tell(styles[finding.level], t(`terminal.mark.${finding.level}`), words)
    },
    warning(problem) {
      const words = describe(problem, language)
      if (json) return emitLine({ type: 'warning', ...problem, ...words })
      return tell('yellow', t('terminal.mark.warning'), words)
    },
    error(problem, exitCode) {
      const { code, details = {}, text, hint } = problem
      if (json) return emitLine({ type: 'error', code, details, text, hint, exitCode })
      // Giving up is no error to whoever gave up.
      if (code === 'cancelled') return tell('yellow', t('terminal.mark.cancelled'), { text, hint })
      return tell('red', t('terminal.mark.error'), { text, hint })
    },
    emit: (type, data) => {
      if (json) emitLine({ type, ...data })
    },
    bytes: (count) => formatBytes(count, language),
    time: (iso) => formatTime(iso, language),
  }
}
