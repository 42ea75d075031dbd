// `arche verify`: reads backups back from a medium and compares them with their checksums; with the key password also decrypts them.
// Guarantees: changes nothing on the medium; says how deep it looked.
// With nothing named it verifies the newest backup, and says which.

import { Failure } from '../../api/failure.ts'
import type { Run } from '../../api/model.ts'
import { visible } from '../../api/text/visible.ts'
import { followRun } from '../follow.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { artifactNamed, artifactsOn } from './list.ts'
import { fromMedium } from './medium.ts'

export interface VerifyOptions {
  from: string
  all?: boolean
}

export async function verify(session: Session, typed: string | undefined, options: VerifyOptions): Promise<number> {
  const { t, note } = session.output
  const medium = await fromMedium(session, options.from)
  const found = await artifactsOn(session, medium)
  if (found.artifacts.length === 0)
    throw new Failure('not-found', { name: t('terminal.verify.any', { medium: found.medium.name }) })
  const artifacts = options.all ? [] : [artifactNamed(typed ?? 'latest', found.artifacts).name]
  if (!options.all && typed === undefined) note(t('terminal.verify.latest', { name: visible(artifacts[0] ?? '') }))
  await session.unlock()
  const keyPassword = await optionalPassword(session)
  const started = await start(session, medium, artifacts, keyPassword)
  const run = await followRun(session, started.id)
  const deep = keyPassword !== undefined || (await session.state()).keychain.remembered
  return reportRun(session, 'verify', run, resultFacts(session, run, options.all ? found.artifacts.length : 1, deep))
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

/** Given, else asked for with "nothing" as a possible answer; not asked where it is remembered or `--yes` was said. */
async function optionalPassword(session: Session): Promise<string | undefined> {
  const given = session.passwords.given('key')
  if (given !== undefined) return given
  const { keychain } = await session.state()
  if (keychain.remembered || session.yes || !session.ask.possible) return undefined
  const typed = await session.ask.password(session.output.t('terminal.password.key-optional'), { optional: true })
  return typed === '' ? undefined : typed
}

function resultFacts(session: Session, run: Run, count: number, deep: boolean): Fact[] {
  const { t, bytes } = session.output
  const lines: Fact[] = []
  if (run.medium) lines.push([t('terminal.fact.medium'), `${visible(run.medium.name)} (${visible(run.medium.path)})`])
  lines.push([
    t('terminal.fact.verified'),
    run.artifact ? visible(run.artifact) : t('terminal.count.backups', { count }),
  ])
  lines.push([t('terminal.fact.depth'), t(deep ? 'terminal.verify.deep' : 'terminal.verify.shallow')])
  lines.push([t('terminal.fact.read'), bytes(run.stored || run.bytes)])
  return lines
}
