// The text of an XDG autostart entry, and what such a text says. Pure.
// Source: Desktop Entry Specification 1.1 ("Value types", "The Exec key"), Desktop Application Autostart Specification 0.5.
// Guarantees: whatever characters a path holds, the desktop starts exactly that program with exactly those arguments.

export interface Entry {
  name: string
  comment: string
  /** Program and arguments. */
  program: readonly string[]
  /** Variables that the program needs and the desktop would not set. */
  env: Readonly<Record<string, string>>
}

const group = '[Desktop Entry]'
/** A key of our own: the file that must exist for the entry to be of use. */
const needs = 'X-Arche-Program'

export function entryText({ name, comment, program, env }: Entry): string {
  const lines = {
    Type: 'Application',
    Version: '1.1',
    Name: name,
    Comment: comment,
    Exec: escaped(withVariables(env, program).map(argument).join(' ')),
    [needs]: escaped(program[0] ?? ''),
    Terminal: 'false',
    StartupNotify: 'false',
    'X-GNOME-Autostart-enabled': 'true',
  }
  return `${[group, ...Object.entries(lines).map(([key, value]) => `${key}=${value}`)].join('\n')}\n`
}

function withVariables(env: Entry['env'], program: readonly string[]): readonly string[] {
  const set = Object.entries(env).map(([key, value]) => `${key}=${value}`)
  if (set.length === 0) return program
  // `env` would take a path with an equals sign for one more variable.
  const direct = program[0]?.includes('=') ? ['sh', '-c', 'exec "$0" "$@"'] : []
  return ['env', ...set, ...direct, ...program]
}

/** One argument as the Exec key has it: reserved characters only inside double quotes, four of them behind a backslash, `%` doubled. */
function argument(text: string): string {
  const doubled = text.replaceAll('%', '%%')
  if (/^[\p{L}\p{N}_./:=@+,%-]+$/u.test(doubled)) return doubled
  return `"${doubled.replace(/["`$\\]/g, '\\$&')}"`
}

/** Any value of type string: the escape sequences of the file format itself. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r')
}

const sequences: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }

/** Whether the desktop starts the program of such a file, as somebody may have changed it; and the program it names. */
export function readEntry(text: string): { on: boolean; program: string | undefined } {
  const values = valuesOf(text)
  const is = (key: string, value: string) => values.get(key)?.toLowerCase() === value
  const on = values.has('Exec') && !is('Hidden', 'true') && !is('X-GNOME-Autostart-enabled', 'false')
  const program = values.get(needs)?.replace(/\\(.)/g, (all, letter: string) => sequences[letter] ?? all)
  return { on, program: program || undefined }
}

/** The keys of the first group. */
function valuesOf(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const begin = lines.indexOf(group)
  const rest = begin < 0 ? [] : lines.slice(begin + 1)
  const end = rest.findIndex((line) => line.startsWith('['))
  const own = end < 0 ? rest : rest.slice(0, end)
  return new Map(
    own.flatMap((line): [string, string][] => {
      const [, key, value] = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, value]]
    }),
  )
}
