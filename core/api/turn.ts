// Which medium of a rotation is due: the one rule of engine and window. Pure.

/**
 * The media in the order in which they are due: those without a backup of the plan first, then by the time of the last one, the oldest first.
 * `lastBackup`: the end of the plan's last good backup on that medium, ISO 8601 in UTC.
 */
export function inTurn(ids: readonly string[], lastBackup: (id: string) => string | undefined): string[] {
  const age = (id: string) => Date.parse(lastBackup(id) ?? '') || 0
  return [...ids].sort((one, other) => age(one) - age(other))
}
