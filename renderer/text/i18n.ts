// The catalogue in the window: React gets sentences by key, and the keys are checked when the program is compiled.
// Guarantees: the language of the page (`lang`) follows; a key that does not exist does not compile.
// Does not hold sentences: they are in core/api/text.
import { useMemo } from 'react'
import type { Problem } from '../../core/api/failure.ts'
import type { Language } from '../../core/api/model.ts'
import { formatBytes, formatDuration, formatNumber, formatRelative, formatTime } from '../../core/api/text/format.ts'
import { type catalogue, createI18n, describe as inWords } from '../../core/api/text/text.ts'
import { useStore } from '../store.ts'

type Chapters = Pick<
  (typeof catalogue)['en'],
  'common' | 'copy' | 'desktop' | 'find' | 'help' | 'keep' | 'mail' | 'schedule' | 'sheet' | 'terminal' | 'window'
>
type Paths<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}` }[keyof T & string]

/** `chapter.path.to.sentence` */
export type Key = Paths<Chapters>
export type Say = (key: Key, vars?: Record<string, string | number>) => string

const instances = { en: createI18n('en'), fr: createI18n('fr') }

export function sayIn(language: Language): Say {
  return (key, vars) => instances[language].t(key, vars ?? {})
}

/** The language in force: the engine's, else the system's. */
function useLanguage(): Language {
  return useStore((store) => store.mirror.state?.language ?? systemLanguage())
}

function systemLanguage(): Language {
  return globalThis.navigator?.language.toLowerCase().startsWith('fr') ? 'fr' : 'en'
}

function filesIn(language: Language, count: number): string {
  const one = new Intl.PluralRules(language).select(count) === 'one'
  const shown = formatNumber(count, language)
  return sayIn(language)(one ? 'window.file' : 'window.files', { number: shown })
}

/** Everything that a component needs to speak: sentences, sizes, times, problems. */
export function useText() {
  const language = useLanguage()
  return useMemo(
    () => ({
      language,
      say: sayIn(language),
      bytes: (value: number) => formatBytes(value, language),
      number: (value: number) => formatNumber(value, language),
      /** "1 file", "18,342 files" */
      files: (count: number) => filesIn(language, count),
      duration: (seconds: number) => (seconds < 1 ? sayIn(language)('window.instant') : formatDuration(seconds)),
      time: (iso: string) => formatTime(iso, language),
      relative: (iso: string, now: number) => formatRelative(iso, language, now),
      problem: (problem: Problem) => inWords(problem, language),
    }),
    [language],
  )
}
