// Questions to the person at the terminal: passwords (masked), yes or no, a choice, a word to type.
// Guarantees: prompts go to stderr and appear only when stdin and stderr are a terminal (`possible`); Ctrl-C at a prompt is Failure
// `cancelled`; a new password is typed twice, is never empty, and comes from a terminal that uses UTF-8.
// Does not know what the answers are for.
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../api/failure.ts'
import type { Language } from '../api/model.ts'
import { describe, translator } from '../api/text/text.ts'

export interface Ask {
  readonly possible: boolean
  /** `optional`: an empty answer is fine. */
  password(message: string, options?: { optional: boolean }): Promise<string>
  newPassword(message: string): Promise<string>
  confirm(message: string, preset: boolean): Promise<boolean>
  /** True when exactly this word was typed; an empty answer is no. */
  typed(message: string, word: string): Promise<boolean>
  select<T extends string>(message: string, choices: readonly { value: T; name: string }[]): Promise<T>
}

export interface AskOptions {
  language: Language
  stdin: Readable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
  /** Aborted by SIGTERM: ends an open prompt. */
  signal: AbortSignal
  /** A line between two prompts. */
  say: (text: string) => void
}

export function createAsk({ language, stdin, stderr, signal, say }: AskOptions): Ask {
  const t = translator(language)
  const context = { input: stdin, output: stderr, signal }
  const empty = describe({ code: 'password-empty', details: {} }, language).text
  const odd = describe({ code: 'password-encoding', details: {} }, language).text

  const password = (message: string, validate: (answer: string) => string | true) =>
    answered(async () => {
      const prompts = await import('@inquirer/prompts')
      return prompts.password({ message, mask: '*', validate }, context)
    })
  const input = (message: string, validate: (answer: string) => string | true) =>
    answered(async () => {
      const prompts = await import('@inquirer/prompts')
      return prompts.input({ message, validate }, context)
    })

  return {
    possible: stdin.isTTY === true && stderr.isTTY === true,
    password: (message, options) => password(message, (answer) => options?.optional || answer !== '' || empty),
    async newPassword(message) {
      for (;;) {
        const first = await password(message, (answer) => (answer === '' ? empty : !answer.includes('\ufffd') || odd))
        const second = await password(t('terminal.ask.again'), () => true)
        if (second === first) return first
        say(t('terminal.ask.different'))
      }
    },
    async confirm(message, preset) {
      const choices = t(preset ? 'terminal.ask.yes-no' : 'terminal.ask.no-yes')
      const answer = await input(
        `${message} ${choices}`,
        (typed) => meaning(typed, t, preset) !== undefined || t('terminal.ask.yes-or-no'),
      )
      return meaning(answer, t, preset) ?? preset
    },
    async typed(message, word) {
      const fits = (answer: string) => ['', word.toLowerCase()].includes(answer.trim().toLowerCase())
      const answer = await input(message, (typed) => fits(typed) || t('terminal.ask.type-word', { word }))
      return answer.trim() !== ''
    },
    select: (message, choices) =>
      answered(async () => {
        const prompts = await import('@inquirer/prompts')
        return prompts.select(
          { message, choices, instructions: { navigation: t('terminal.ask.arrows'), pager: t('terminal.ask.arrows') } },
          context,
        )
      }),
  }
}

/** What an answer to a yes-or-no question means; undefined when it cannot be told. Both languages understand "yes". */
function meaning(answer: string, t: (key: string) => string, preset: boolean): boolean | undefined {
  const typed = answer.trim().toLowerCase()
  if (typed === '') return preset
  if ([...t('terminal.ask.yes-words').split(' '), 'y', 'yes'].includes(typed)) return true
  if ([...t('terminal.ask.no-words').split(' '), 'n', 'no'].includes(typed)) return false
  return undefined
}

const leaving = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError'])

/** The errors of a prompt that was left as Failure `cancelled`. */
async function answered<T>(prompt: () => Promise<T>): Promise<T> {
  try {
    return await prompt()
  } catch (error) {
    if (error instanceof Error && leaving.has(error.name)) throw new Failure('cancelled', {}, { cause: error })
    throw error
  }
}
