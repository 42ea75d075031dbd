// Which parts of an archive are chosen: a list of paths, where a folder stands for all that is in it. Pure.
// Guarantees: never both a folder and something inside it; the order of choosing is kept.

/** True when a chosen folder contains `path`. */
export function coveredBy(chosen: readonly string[], path: string): boolean {
  return chosen.some((one) => path.startsWith(`${one}/`))
}

/** True when something inside `path` is chosen. */
export function partlyChosen(chosen: readonly string[], path: string): boolean {
  return chosen.some((one) => one.startsWith(`${path}/`))
}

export function toggled(chosen: readonly string[], path: string): string[] {
  if (coveredBy(chosen, path)) return [...chosen]
  if (chosen.includes(path)) return chosen.filter((one) => one !== path)
  return [...chosen.filter((one) => !one.startsWith(`${path}/`)), path]
}

/** The way from the top ('') to a folder. */
export function crumbsOf(folder: string): { path: string; name: string }[] {
  const parts = folder === '' ? [] : folder.split('/')
  return [{ path: '', name: '' }, ...parts.map((name, index) => ({ path: parts.slice(0, index + 1).join('/'), name }))]
}
