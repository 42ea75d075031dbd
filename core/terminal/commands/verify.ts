// `arche verify`: reads backups back from a medium and compares them with their checksums; with the key password also decrypts them.
// Guarantees: changes nothing on the medium; says how deep it looked.
// With nothing named it verifies the newest backup, and says which.

import { Failure } from '../../api/failure.ts'
import type { Artifact, Checked, Run } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun } from '../follow.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { artifactNamed, artifactsOn, isOpen } from './list.ts'
import { fromMedium } from './medium.ts'

export interface VerifyOptions {
  from?: string
  all?: boolean
}

export async function verify(session: Session, typed: string | undefined, options: VerifyOptions): Promise<number> {
  const { t, note } = session.output
  const medium = await fromMedium(session, options.from)
  const found = await artifactsOn(session, medium)
  if (found.artifacts.length === 0) throw new Failure('no-backups', { name: found.medium.name })
  const chosen = options.all ? found.artifacts : [artifactNamed(typed ?? 'latest', found.artifacts)]
  const artifacts = options.all ? [] : chosen.map(({ name }) => name)
  if (!options.all && typed === undefined) note(t('terminal.verify.latest', { name: visible(artifacts[0] ?? '') }))
  const keyPassword = await optionalPassword(session, chosen)
  const started = await start(session, medium, artifacts, keyPassword)
  const run = await followRun(session, started.id)
  return reportRun(session, 'verify', run, resultFacts(session, run, options.all ? found.artifacts.length : 1))
}

function start(
  session: Session,
  medium: string,
  artifacts: string[],
  keyPassword: string | undefined,
): Promise<{ id: string }> {
  return session.guarded((client) =>
    client.verify.start({ medium, artifacts, ...(keyPassword === undefined ? {} : { keyPassword }) }),
  )
}

/** Given, else asked for with "nothing" as a possible answer; not asked where none is needed, it is remembered, or `--yes` was said. */
async function optionalPassword(session: Session, chosen: readonly Artifact[]): Promise<string | undefined> {
  if (chosen.every(isOpen)) return undefined
  const given = session.passwords.given('key')
  if (given !== undefined) return given
  const { keychain } = await session.state()
  if (keychain.remembered || session.yes || !session.ask.possible) return undefined
  const typed = await session.ask.password(session.output.t('terminal.password.key-optional'), { optional: true })
  return typed === '' ? undefined : typed
}

/** `asked`: how many were to be verified. */
function resultFacts(session: Session, run: Run, asked: number): Fact[] {
  const { t, bytes } = session.output
  const lines: Fact[] = []
  if (run.medium) lines.push([t('terminal.fact.medium'), `${visible(run.medium.name)} (${visible(run.medium.path)})`])
  const good = (run.checked ?? []).filter((one) => one.good)
  const counted = t('terminal.count.backups', { count: good.length })
  const all = good.length === asked ? counted : t('terminal.verify.of', { good: counted, all: asked })
  lines.push([t('terminal.fact.verified'), run.artifact ? visible(run.artifact) : all])
  lines.push([t('terminal.fact.depth'), depthInWords(good, session)])
  lines.push([t('terminal.fact.read'), bytes(run.stored || run.bytes)])
  return lines
}

/** How deep it looked, for each depth with the number of backups where they differ. */
function depthInWords(good: readonly Checked[], { output: { t } }: Session): string {
  const counts = new Map<string, number>()
  for (const { opened, sha256 } of good) {
    const depth = opened ? (sha256 === undefined ? 'opened' : 'deep') : 'shallow'
    counts.set(depth, (counts.get(depth) ?? 0) + 1)
  }
  const words = [...counts].map(([depth, count]) => {
    const text = t(`terminal.verify.${depth}`)
    return counts.size === 1 ? text : `${t('terminal.count.backups', { count })}: ${text}`
  })
  return words.join('\n')
}
