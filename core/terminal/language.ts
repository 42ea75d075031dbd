// Which language the terminal speaks: `--lang`, else what was chosen in Arche, else the locale of the environment, else English.
// Pure. Does not check that `--lang` is valid: the parser does, in the language found here.
import { Language } from '../api/model.ts'
import { languageOf } from '../api/text/text.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The locale that the environment asks for, by the rule of POSIX: the first non-empty of LC_ALL, LC_MESSAGES, LANG. */
export function environmentLanguage(env: Env): Language {
  return languageOf([env.LC_ALL, env.LC_MESSAGES, env.LANG].find((locale) => locale !== undefined && locale !== ''))
}

/** `--lang fr` or `--lang=fr` among the arguments, before anything is parsed; undefined when absent or not a language of Arche. */
export function requestedLanguage(argv: readonly string[]): Language | undefined {
  const end = argv.indexOf('--')
  const options = end < 0 ? argv : argv.slice(0, end)
  const at = options.findLastIndex((argument) => argument === '--lang' || argument.startsWith('--lang='))
  const found = options[at]
  if (found === undefined) return undefined
  const value = found === '--lang' ? options[at + 1] : found.slice('--lang='.length)
  const language = Language.safeParse(value)
  return language.success ? language.data : undefined
}
