// The one catalogue of sentences, for window, terminal, tray and mail. Chapters are the JSON files of a language's folder.
// Guarantees: both languages have the same keys (a test compares them); details in a sentence are shown with `visible`.
// Does not escape HTML: React and the terminal show text, and the recovery sheet escapes for itself.
import i18next, { type i18n } from 'i18next'
import type { Problem } from '../failure.ts'
import type { Language } from '../model.ts'
import enCommon from './en/common.json' with { type: 'json' }
import enCopy from './en/copy.json' with { type: 'json' }
import enDesktop from './en/desktop.json' with { type: 'json' }
import enFind from './en/find.json' with { type: 'json' }
import enHelp from './en/help.json' with { type: 'json' }
import enKeep from './en/keep.json' with { type: 'json' }
import enMail from './en/mail.json' with { type: 'json' }
import enProblem from './en/problem.json' with { type: 'json' }
import enSchedule from './en/schedule.json' with { type: 'json' }
import enSheet from './en/sheet.json' with { type: 'json' }
import enTerminal from './en/terminal.json' with { type: 'json' }
import enWindow from './en/window.json' with { type: 'json' }
import { formatBytes, formatNumber, formatTime } from './format.ts'
import frCommon from './fr/common.json' with { type: 'json' }
import frCopy from './fr/copy.json' with { type: 'json' }
import frDesktop from './fr/desktop.json' with { type: 'json' }
import frFind from './fr/find.json' with { type: 'json' }
import frHelp from './fr/help.json' with { type: 'json' }
import frKeep from './fr/keep.json' with { type: 'json' }
import frMail from './fr/mail.json' with { type: 'json' }
import frProblem from './fr/problem.json' with { type: 'json' }
import frSchedule from './fr/schedule.json' with { type: 'json' }
import frSheet from './fr/sheet.json' with { type: 'json' }
import frTerminal from './fr/terminal.json' with { type: 'json' }
import frWindow from './fr/window.json' with { type: 'json' }
import { visible } from './visible.ts'

/** Every sentence: language → chapter → keys. */
export const catalogue = {
  en: {
    common: enCommon,
    copy: enCopy,
    desktop: enDesktop,
    find: enFind,
    help: enHelp,
    keep: enKeep,
    mail: enMail,
    problem: enProblem,
    schedule: enSchedule,
    sheet: enSheet,
    terminal: enTerminal,
    window: enWindow,
  },
  fr: {
    common: frCommon,
    copy: frCopy,
    desktop: frDesktop,
    find: frFind,
    help: frHelp,
    keep: frKeep,
    mail: frMail,
    problem: frProblem,
    schedule: frSchedule,
    sheet: frSheet,
    terminal: frTerminal,
    window: frWindow,
  },
} as const satisfies Record<Language, object>

/** `key` is `chapter.path.to.sentence`; gaps are `{{name}}`, or `{{name, bytes}}` for a size, `{{name, files}}` for "3 files". An unknown key is a bug and throws. */
export type Translate = (key: string, vars?: Record<string, unknown>) => string

/** An i18next instance that speaks `language`; the window hands it to React. */
export function createI18n(language: Language): i18n {
  const instance = i18next.createInstance()
  instance.init({
    lng: language,
    fallbackLng: false,
    resources: { en: { translation: catalogue.en }, fr: { translation: catalogue.fr } },
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  })
  const formatter = instance.services.formatter
  formatter?.add('bytes', (value, lng) =>
    typeof value === 'number' ? formatBytes(value, languageOf(lng)) : String(value),
  )
  for (const unit of ['files', 'tables'])
    formatter?.add(unit, (value) =>
      typeof value === 'number' ? instance.t(`terminal.count.${unit}`, { count: value }) : String(value),
    )
  // In place of i18next's own, which makes NaN of a detail that is not known.
  formatter?.add('number', (value, lng) =>
    typeof value === 'number' ? formatNumber(value, languageOf(lng)) : String(value),
  )
  formatter?.add('time', (value, lng) =>
    Number.isNaN(Date.parse(value)) ? String(value) : formatTime(value, languageOf(lng)),
  )
  return instance
}

const instances = new Map<Language, i18n>()

export function translator(language: Language): Translate {
  const known = instances.get(language)
  const instance = known ?? createI18n(language)
  if (!known) instances.set(language, instance)
  return (key, vars) => {
    if (!instance.exists(key, vars)) throw new Error(`no sentence for ${key} in ${language}`)
    return instance.t(key, vars ?? {})
  }
}

/** A problem in words: what is wrong, and what the person can do. Missing details show as "?". */
export function describe(problem: Problem, language: Language): { text: string; hint: string } {
  const t = translator(language)
  const vars: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(problem.details)) {
    vars[name] = codeInWords(name, value, language) ?? shown(value, language)
  }
  // Which part of an input it is about.
  const { field } = problem.details
  if (typeof field === 'string') vars.reason = `${vars.reason} (${visible(field)})`
  const { why } = problem.details
  const say = (part: 'text' | 'hint') => {
    const because = `${part}-${String(why)}`
    if (Object.hasOwn(catalogue[language].problem[problem.code], because))
      return t(`problem.${problem.code}.${because}`, { ...gaps(problem.code, language), ...vars })
    // Where the problem was found at one place, some sentences name it: as `{{at}}`, or as `{{path}}` where that is no list.
    const placed = Object.entries(catalogue[language].problem[problem.code]).find(
      ([name]) => name === `${part}-at`,
    )?.[1]
    const place = placed?.includes('{{at}}') || (part === 'hint' && problem.details.at) ? 'at' : 'path'
    const key = placed !== undefined && typeof problem.details[place] === 'string' ? `${part}-at` : part
    return t(`problem.${problem.code}.${key}`, { ...gaps(problem.code, language), ...vars })
  }
  return { text: say('text'), hint: say('hint') }
}

/** A reason that is a short code (`EACCES`, `outside`) and an outcome have words of their own; any other value is shown as it is. */
function codeInWords(name: string, value: unknown, language: Language): string | undefined {
  if (name !== 'reason' && name !== 'outcome') return undefined
  const words: Record<string, string> = catalogue[language].common[name]
  return typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined
}

function shown(value: string | number | boolean | string[], language: Language): string | number | boolean {
  if (Array.isArray(value))
    return value.length === 0 ? translator(language)('common.list.none') : value.map(visible).join(', ')
  return typeof value === 'string' ? visible(value) : value
}

/** Every gap of the sentence filled with "?", so that a forgotten detail never shows as `{{name}}`. */
function gaps(code: Problem['code'], language: Language): Record<string, string> {
  const { text, hint } = catalogue[language].problem[code]
  const names = [...`${text} ${hint}`.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] as string)
  return Object.fromEntries(names.map((name) => [name, '?']))
}

/** The supported language that suits a locale such as `fr_FR.UTF-8` or `fr-CA`. */
export function languageOf(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith('fr') ? 'fr' : 'en'
}
