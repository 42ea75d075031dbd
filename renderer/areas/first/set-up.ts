// What "Start" does, part by part: key, drive, plan, schedule, administrator password, settings; then the first backup begins.
// Guarantees: the parts are done in an order in which each finds what it needs; a part that failed can be tried again alone.
import { Failure } from '../../../core/api/failure.ts'
import type { Medium } from '../../../core/api/model.ts'
import { type Plan, usualMethod } from '../../../core/api/plan.ts'
import { call } from '../../client.ts'
import { choiceOf } from '../../parts/key-pick.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { guarded } from '../../parts/operator.tsx'
import { type Choice, databasePasswordOf, draftOf } from '../plans/choice.ts'
import { saveChoice } from '../plans/save-choice.ts'
import { scheduleOf } from '../schedule/schedule-answers.ts'
import type { FirstAnswers, KeyFolderAnswers } from './answers.ts'

export const parts = ['key', 'import', 'medium', 'plan', 'schedule', 'operator', 'finish', 'backup'] as const
export type Part = (typeof parts)[number]

/** What is set up, and what comes out on the way. */
export interface SettingUp {
  readonly answers: FirstAnswers
  /** What is backed up, under its name. */
  readonly choice: Choice
  medium: Medium | undefined
  plan?: Plan
  runId?: string
}

type Doing = (up: SettingUp) => Promise<void>

export const doing: { readonly [Name in Part]: Doing } = {
  async key({ answers: { key } }) {
    const { password, remember } = key
    await guarded((client) => client.key.create({ password: password.first, remember }))
  },
  async import({ answers: { keyFolder } }) {
    if (keyFolder) await importKeys(keyFolder)
  },
  async medium(up) {
    if (!up.medium) return
    // It may have been prepared by a try that failed later.
    const { medium } = await call((client) => client.medium.check({ medium: up.medium?.path ?? '' }))
    const name = up.answers.mediumName.trim() || medium.name
    // What speaks against this place was shown when it was chosen.
    const init = () => guarded((client) => client.medium.init({ medium: medium.path, name, asNew: true }))
    up.medium = medium.initialised ? medium : await init()
  },
  async plan(up) {
    up.plan = await saveChoice(up.choice, undefined, destinationOf(up))
  },
  async schedule(up) {
    const schedule = scheduleOf(up.answers.schedule)
    if (!schedule) return
    const { plans } = await call((client) => client.app.state({}))
    for (const plan of plans.filter((one) => one.schedule === undefined))
      await guarded((client) => client.schedule.save({ planId: plan.id, schedule }))
    if (up.answers.atLogin) await call((client) => client.shell.startAtLogin({ on: true }))
  },
  async operator({ answers: { operator } }) {
    if (operator) await call((client) => client.operator.set({ next: operator.first }))
  },
  async finish() {
    await guarded((client) => client.settings.save({ welcomed: true }))
  },
  async backup(up) {
    const { medium } = up
    const plan = up.plan ?? (await call((client) => client.app.state({}))).plans[0]
    if (!plan || !medium) return
    const given = databasePasswordOf(up.choice)
    const { id } = await guarded((client) => client.backup.start({ planId: plan.id, medium: refOf(medium), ...given }))
    up.runId = id
  },
}

/** A folder on a fixed disk, or a place in the network, is not found by looking at what is plugged in: the plan remembers it. */
function destinationOf({ choice, medium }: SettingUp) {
  const draft = draftOf(choice)
  const bound = medium?.id !== undefined && (medium.fixed || medium.kind) ? { id: medium.id } : {}
  const place = { kind: 'medium' as const, ...bound }
  return { method: usualMethod, destinations: (draft?.destinations ?? []).map((one) => ({ ...one, place })) }
}

/** A folder without a key pair would leave nothing to encrypt for. */
async function importKeys({ path: folder, pick }: KeyFolderAnswers): Promise<void> {
  if (pick) await guarded((client) => client.key.import({ folder, ...choiceOf(pick) }))
  const { keys } = await call((client) => client.app.state({}))
  if (!keys.some((key) => key.kind === 'own' && key.active)) throw new Failure('key-folder-empty', { path: folder })
}
