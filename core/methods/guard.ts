// Which methods the administrator password guards, where one is set: a row for each method of the contract.
// Guarantees: a method without a row does not compile; what is not in the table, or was called with something that its row does not understand, is guarded.
// Who asks for the password, and for how long it holds: access/operator.ts.
// The rule: it is asked for before existing data are replaced, before anything is removed, and before keys, places, settings or plans that exist are
// changed; not for looking, and not for backing up, which may begin with a new plan and a drive that is made ready.
import { z } from 'zod'
import type { contract } from '../api/contract.ts'
import { replacesData } from '../services/restore-previews.ts'
import type { Services } from '../services/services.ts'

/** Why a method is guarded, or `open`; `when`: what it is called with decides. */
type Row =
  | 'open'
  | 'replaces'
  | 'removes'
  | 'keys'
  | 'settings'
  | { readonly when: (input: unknown, services: Services) => boolean }

type Contract = typeof contract

/** By its id a plan that exists is changed; one that was removed would come back to its backups, with other rules. */
const NewPlan = z.object({ id: z.undefined().optional() })
const PinInput = z.object({ pinned: z.literal(true) })
const StartInput = z.object({ preview: z.string(), next: z.array(z.string()).optional() })

const changesPlan = (input: unknown) => !NewPlan.safeParse(input).success

/** What keeps a backup may be said by everybody; that it may go again, not. */
const unpins = (input: unknown) => !PinInput.safeParse(input).success

const replacing = (input: unknown, { previews }: Services) => {
  const start = StartInput.safeParse(input)
  if (!start.success) return true
  const { preview, next = [] } = start.data
  return [preview, ...next].some((id) => replacesData(previews.get(id)))
}

export const guards: { readonly [Noun in keyof Contract]: { readonly [Verb in keyof Contract[Noun]]: Row } } = {
  app: { state: 'open', follow: 'open' },
  // Each of them asks for the present password itself.
  operator: { unlock: 'open', lock: 'open', set: 'open', remove: 'open' },
  settings: { save: 'settings' },
  key: {
    create: 'keys',
    look: 'open',
    prove: 'keys',
    import: 'keys',
    activate: 'keys',
    addRecipient: 'keys',
    removeRecipient: 'keys',
    remember: 'keys',
    forget: 'keys',
    sheet: 'open',
  },
  medium: { list: 'open', check: 'open', init: 'open', eject: 'open' },
  // To unlock a place is to type its own password, so that it can be backed up to.
  place: {
    list: 'open',
    look: 'open',
    save: 'settings',
    unlock: 'open',
    remove: 'removes',
    // Words for people: nothing that is backed up or removed depends on them.
    note: 'open',
    test: 'open',
  },
  folder: { usual: 'open', measure: 'open' },
  plan: {
    save: { when: changesPlan },
    remove: 'removes',
    check: 'open',
    remember: 'keys',
    forget: 'keys',
    // From then on older backups may go.
    accept: 'removes',
    // What is wrong stays wrong, and is shown.
    acknowledge: 'open',
    trend: 'open',
    export: 'open',
    compare: 'open',
    import: 'settings',
  },
  mail: {
    save: 'settings',
    password: 'keys',
    // They send something in the name of this computer.
    test: 'settings',
    ping: 'settings',
    testPing: 'settings',
  },
  backup: { preview: 'open', start: 'open' },
  copy: { start: 'open' },
  catalogue: { search: 'open', versions: 'open', missing: 'open', add: 'open' },
  schedule: { save: 'settings', preview: 'open', pause: 'open', resume: 'open' },
  artifact: {
    list: 'open',
    pin: { when: unpins },
    note: 'open',
    previewRemoval: 'open',
    previewRoom: 'open',
    remove: 'removes',
  },
  keep: { save: 'settings', preview: 'open', apply: 'removes' },
  safety: { list: 'open', remove: 'removes' },
  restore: {
    inspect: 'open',
    browse: 'open',
    preview: 'open',
    start: { when: replacing },
    undo: 'replaces',
    recover: 'replaces',
  },
  // A command of the plan is run: the end of a restore.
  restart: { start: 'replaces' },
  verify: { start: 'open' },
  service: { status: 'open', install: 'settings', remove: 'removes' },
  run: { cancel: 'open', show: 'open', history: 'open' },
}

/** Of the method at this path of the contract. Throws what looking at the input throws (`changed`: a preview that is gone). */
export function isGuarded([noun = '', verb = '']: readonly string[], input: unknown, services: Services): boolean {
  const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = guards
  const row = Object.hasOwn(rows, noun) && Object.hasOwn(rows[noun] ?? {}, verb) ? rows[noun]?.[verb] : undefined
  return typeof row === 'object' ? row.when(input, services) : row !== 'open'
}
