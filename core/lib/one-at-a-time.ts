// Work that is done one after the other, in the order in which it was asked for.
// Guarantees: what fails rejects for whoever asked for it, and holds up nothing that comes after.

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
}
