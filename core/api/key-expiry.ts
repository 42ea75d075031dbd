// Keys that will soon be of no use for new backups, so that they can be prolonged before a backup fails for it. Pure.
import type { Finding } from './failure.ts'
import type { AppState, KeyInfo } from './model.ts'

/** Long enough to reach the owner of the key, and for a medium to be carried about. */
const ahead = 30 * 24 * 3600 * 1000

/** Of the keys that new backups are made for: `key-expires-soon`, and what is wrong with one already. `now` in ms since 1970. */
export function expiring(keys: readonly KeyInfo[], now: number): Finding[] {
  return keys.flatMap((key): Finding[] => {
    if (!key.active) return []
    const { fingerprint, expiresAt, problem } = key
    if (problem) return [{ level: 'warning', ...problem }]
    const end = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
    if (expiresAt === undefined || end > now + ahead) return []
    const details = { name: key.name || '—', fingerprint, expiresAt }
    return [{ level: 'warning', code: end > now ? 'key-expires-soon' : 'key-expired', details }]
  })
}

/** What is wrong with the keys of a data folder, or soon will be: the pair in use first. */
export function keyProblems({ keys, keyTrouble }: Pick<AppState, 'keys' | 'keyTrouble'>, now: number): Finding[] {
  return [...(keyTrouble ? [{ level: 'warning' as const, ...keyTrouble }] : []), ...expiring(keys, now)]
}
