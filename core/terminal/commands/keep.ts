// `arche keep …`, `arche pin` and `arche unpin`: how long the backups of a plan are kept.
// Guarantees: what would go is shown with its reason before it is asked about; setting rules removes nothing by itself.
import type { KeepPreview } from '../../api/contract.ts'
import { firstOf, placeIdsOf } from '../../api/destination.ts'
import { Failure } from '../../api/failure.ts'
import { keepRules } from '../../api/keep-rules.ts'
import type { AppState } from '../../api/model.ts'
import { type Destination, type Keep, type Plan, proposedKeep } from '../../api/plan.ts'
import type { SpaceState } from '../../api/schedule.ts'
import { destinationInWords } from '../../api/text/destination-text.ts'
import { rulesInWords, spaceInWords } from '../../api/text/keep-text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { followRun } from '../follow.ts'
import { facts, table } from '../layout.ts'
import { type Named, namedMedia, planNamed } from '../names.ts'
import type { Output } from '../output.ts'
import { quoted } from '../quoted.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { artifactNamed, artifactsOn } from './list.ts'
import { fromMedium } from './medium.ts'

export type KeepOptions = { readonly all?: boolean; readonly untilFull?: boolean; readonly on?: string } & {
  readonly [rule in (typeof keepRules)[number]]?: string
}

export async function keepShow(session: Session, typed: string | undefined): Promise<number> {
  const { t, say } = session.output
  const state = await session.state()
  const { plans, alarms, known } = state
  const nameOf = (id: string) => known.find((one) => one.id === id)?.name
  const chosen = typed === undefined ? plans : [planNamed(typed, plans)]
  if (chosen.length === 0) say(t('terminal.plan.none'))
  const columns = ['terminal.column.plan', 'terminal.fact.destinations', 'keep.terminal.column-rules']
  const rows = chosen.flatMap((plan) =>
    plan.destinations.map((one) => [visible(plan.name), destinationInWords(one, nameOf, t), rulesInWords(one.keep, t)]),
  )
  if (rows.length > 0)
    for (const line of table(
      columns.map((title) => ({ title: t(title) })),
      rows,
    ))
      say(line)
  const space = (state.space ?? []).filter(({ planId }) => chosen.some(({ id }) => id === planId))
  for (const line of facts(roomFacts(state, space, session.output))) say(line)
  const waiting = alarms.filter(({ kind, planId }) => kind === 'loss' && chosen.some(({ id }) => id === planId))
  for (const { subject } of waiting)
    session.output.warning({ code: 'keep-held-back', details: { reason: 'loss', name: subject } })
  return finish(session, 'keep show', {
    plans: chosen.map((plan) => ({
      id: plan.id,
      name: plan.name,
      keep: firstOf(plan).keep ?? null,
      destinations: plan.destinations.map(({ id, keep = null }) => ({ id, keep })),
      space: space.filter(({ planId }) => planId === plan.id),
    })),
  })
}

/** "Documents: room for about 12 more backups of 3 GB each (STICK)", of each plan and place that is there. */
export function roomFacts({ plans }: AppState, space: readonly SpaceState[], { t, bytes }: Output): Fact[] {
  return space.map((one) => {
    const plan = visible(plans.find(({ id }) => id === one.planId)?.name ?? '')
    return [t('keep.space.title'), `${plan}: ${spaceInWords(one, bytes, t)} (${visible(one.name)})`]
  })
}

export async function keepSet(session: Session, typed: string, options: KeepOptions): Promise<number> {
  const { t } = session.output
  const state = await session.state()
  const plan = planNamed(typed, state.plans)
  const { id, name } = plan
  const given = rulesOf(options)
  const destination = destinationNamed(plan, options.on, namedMedia(state))
  const keep = given === undefined ? await proposed(session, name) : given
  await session.guarded((client) => client.keep.save({ planId: id, destination: destination.id, keep }))
  const words = t('keep.terminal.set', { name: visible(name), rules: rulesInWords(keep ?? undefined, t) })
  return finish(session, 'keep set', { id, destination: destination.id, keep }, words)
}

/** By the name or id of one of its places; not named: the first. */
function destinationNamed(plan: Plan, typed: string | undefined, known: readonly Named[]): Destination {
  if (typed === undefined) return firstOf(plan)
  const ids = known.filter(({ id, name, path }) => [id, name, path].includes(typed)).map(({ id }) => id)
  const found = plan.destinations.find(({ place }) => placeIdsOf(place).some((id) => id === typed || ids.includes(id)))
  if (!found) throw new Failure('not-found', { name: visible(typed) })
  return found
}

/** The proposed rules, once a person has seen them and said yes. */
async function proposed(session: Session, name: string): Promise<Keep> {
  const { t } = session.output
  if (!session.yes && !session.ask.possible) throw new UsageError('no-rule')
  const rules = rulesInWords(proposedKeep, t)
  if (!(await session.confirm(t('keep.terminal.propose', { name: visible(name), rules }))))
    throw new Failure('cancelled')
  return proposedKeep
}

/** Null: every backup is kept; undefined: nothing was said. */
function rulesOf(options: KeepOptions): Keep | null | undefined {
  const given = keepRules.flatMap((rule) => {
    const value = options[rule]
    return value === undefined ? [] : [[rule, countOf(`--${rule}`, value)] as const]
  })
  if (options.all && (given.length > 0 || options.untilFull)) throw new UsageError('conflict', { name: '--all' })
  if (options.all) return null
  if (given.length === 0 && !options.untilFull) return undefined
  return { ...Object.fromEntries(given), ...(options.untilFull ? { untilFull: true as const } : {}) }
}

function countOf(name: string, typed: string): number {
  const count = Number(typed)
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count
  throw new UsageError('not-number', { name, value: visible(typed) })
}

export async function keepPreview(session: Session, typed: string, options: { from: string }): Promise<number> {
  const { output } = session
  const { plan, preview } = await look(session, typed, options.from)
  tell(session, preview)
  if (preview.remove.length > 0) {
    output.note(output.t('keep.terminal.how-to-apply'))
    output.note(`  arche keep apply ${quoted(plan.name)} --from ${quoted(options.from)}`)
  }
  return finish(session, 'keep preview', { ...preview })
}

export async function keepApply(session: Session, typed: string, options: { from: string }): Promise<number> {
  const { t, bytes } = session.output
  const { preview } = await look(session, typed, options.from)
  tell(session, preview)
  const count = preview.remove.length
  if (count === 0) return finish(session, 'keep apply', { removed: [] })
  const size = bytes(preview.freed)
  if (!(await session.confirm(t('keep.terminal.ask', { count, size })))) throw new Failure('cancelled')
  const { id } = await session.guarded((client) => client.keep.apply({ preview: preview.id }))
  const run = await followRun(session, id)
  return reportRun(session, 'keep apply', run, [
    [t('keep.terminal.removed'), (run.removed ?? []).map(visible).join('\n') || '—'],
  ]) // prettier-ignore
}

async function look(session: Session, typed: string, from: string): Promise<{ plan: Plan; preview: KeepPreview }> {
  const plan = planNamed(typed, (await session.state()).plans)
  const medium = await fromMedium(session, from)
  const client = await session.client()
  const preview = await client.keep.preview({ planId: plan.id, medium }, { signal: session.interrupts.signal })
  return { plan, preview }
}

function tell(session: Session, { keep, remove, others, freed, heldBack }: KeepPreview): void {
  const { t, say, bytes, time, warning } = session.output
  if (heldBack) warning(heldBack)
  const columns = [
    { title: t('terminal.column.date') },
    { title: t('terminal.column.size'), align: 'right' as const },
    { title: t('terminal.column.archive') },
    { title: t('keep.terminal.column-why') },
  ]
  const sections = [
    ['keeps', keep.map(({ artifact, reasons }) => ({ artifact, why: reasons.map((one) => t(`keep.reason.${one}`)) }))],
    ['goes', remove.map(({ artifact, reason }) => ({ artifact, why: [t(`keep.removal.${reason}`)] }))],
  ] as const
  for (const [title, list] of sections) {
    if (list.length === 0) continue
    say(t(`keep.terminal.${title}`))
    const rows = list.map(({ artifact: { time: iso, size, name }, why }) => [
      time(iso),
      bytes(size),
      visible(name),
      why.join('; '),
    ]) // prettier-ignore
    for (const line of table(columns, rows)) say(`  ${line}`)
  }
  if (others > 0) say(t('keep.terminal.others', { count: others }))
  say(
    remove.length === 0
      ? t('keep.terminal.nothing')
      : t('keep.terminal.would-free', { count: remove.length, size: bytes(freed) }),
  ) // prettier-ignore
}

export async function pin(
  session: Session,
  typed: string,
  options: { from: string },
  pinned: boolean,
): Promise<number> {
  const medium = await fromMedium(session, options.from)
  const { artifacts } = await artifactsOn(session, medium)
  const { name } = artifactNamed(typed, artifacts)
  await session.guarded((client) => client.artifact.pin({ medium, artifact: name, pinned }))
  const words = session.output.t(`keep.terminal.${pinned ? 'pinned' : 'unpinned'}`, { name: visible(name) })
  return finish(session, pinned ? 'pin' : 'unpin', { artifact: name, pinned }, words)
}
