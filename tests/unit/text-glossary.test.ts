// One word for one thing: no sentence of either language uses a word that the glossary gives another one for, and none dodges a plural.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalogue } from '../../core/api/text/text.ts'

const Banned = z.array(z.object({ word: z.string(), instead: z.string().min(1) }))
const Glossary = z.object({
  about: z.string(),
  terms: z.array(z.object({ en: z.string(), fr: z.string(), means: z.string() })),
  banned: z.object({ en: Banned, fr: Banned }),
  exceptions: z.array(z.object({ text: z.string(), reason: z.string().min(1) })),
})
const file = join(import.meta.dirname, '../../core/api/text/glossary.json')
const { terms, banned, exceptions } = Glossary.parse(JSON.parse(readFileSync(file, 'utf8')))

type Language = 'en' | 'fr'

function sentences(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]]
  return Object.entries(node as object).flatMap(([key, value]) => sentences(value, path ? `${path}.${key}` : key))
}

/** Without gaps, whose names are not shown, and without what the exceptions allow. */
function spoken(sentence: string): string {
  const bare = sentence.replace(/\{\{.*?\}\}/g, '…')
  return exceptions.reduce((text, { text: allowed }) => text.replace(new RegExp(allowed, 'gu'), ' '), bare)
}

/** \b does not know accents. */
function asWord(word: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${word})(?![\\p{L}\\p{N}])`, 'iu')
}

function misused(language: Language, sentence: string): string[] {
  return banned[language].flatMap(({ word, instead }) => {
    const found = asWord(word).exec(spoken(sentence))
    return found ? [`“${found[0]}”: ${instead}`] : []
  })
}

describe('the glossary', () => {
  it('is followed by every sentence', () => {
    for (const language of ['en', 'fr'] as const) {
      const wrong = sentences(catalogue[language]).flatMap(([key, sentence]) =>
        misused(language, sentence).map((found) => `${language} ${key}: ${found}`),
      )
      expect(wrong).toEqual([])
    }
  })

  it('names terms that the catalogues use', () => {
    for (const language of ['en', 'fr'] as const) {
      const all = sentences(catalogue[language])
        .map(([, sentence]) => sentence.toLowerCase())
        .join('\n')
      for (const term of terms) expect(all, term[language]).toMatch(new RegExp(term[language].replaceAll(' ', 's? ')))
    }
  })

  it('finds words with their inflections, and not inside of others', () => {
    expect(misused('fr', 'Supports initialisés')).toHaveLength(1)
    expect(misused('fr', 'Le mot de passe de l’opérateur')).toHaveLength(1)
    expect(misused('fr', 'La sauvegarde est due.')).toHaveLength(1)
    expect(misused('fr', 'Une sauvegarde individuelle')).toEqual([])
    expect(misused('en', 'Media: 3')).toHaveLength(1)
    expect(misused('en', '3 file(s)')).toHaveLength(1)
    expect(misused('en', 'For another drive: arche medium init PATH')).toEqual([])
  })
})

describe('plurals', () => {
  it('are not dodged by a number after a colon', () => {
    for (const language of ['en', 'fr'] as const) {
      const dodged = sentences(catalogue[language]).filter(([, sentence]) =>
        /[\p{L})][\u00a0\u202f]?: \{\{(count|number)\b[^}]*\}\}\.?($|[;,)])/u.test(sentence),
      )
      expect(dodged).toEqual([])
    }
  })

  it('for one are those of none, too, in French: the number is never written into the sentence', () => {
    const written = sentences(catalogue.fr).filter(
      ([key, sentence]) => key.endsWith('_one') && /(?<![\w{,.])1[\s\u00a0\u202f]\p{L}/u.test(sentence),
    )
    expect(written).toEqual([])
  })

  it('exist for every sentence that counts things', () => {
    for (const language of ['en', 'fr'] as const) {
      const all = new Map(sentences(catalogue[language]))
      const without = [...all].filter(([key, sentence]) => {
        const base = key.replace(/_(one|other|zero)$/, '')
        const counts = /\{\{count\b[^}]*\}\}\s+\p{L}{3,}/u.test(spacesKept(sentence))
        return counts && !all.has(`${base}_one`) && !invariable(language, key)
      })
      expect(without).toEqual([])
    }
  })
})

function spacesKept(sentence: string): string {
  return sentence.replace(/[\u00a0\u202f]/g, ' ')
}

/** Words after a number that are the same for one. */
function invariable(language: Language, key: string): boolean {
  const same = language === 'en' ? /with |failed|missed|good|of |more/ : /avec |fois|mois|sur /
  const sentence = new Map(sentences(catalogue[language])).get(key) ?? ''
  return same.test(spacesKept(sentence).split(/\{\{count\b[^}]*\}\}\s+/)[1] ?? '')
}
