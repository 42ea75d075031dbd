// Values that are made when they are first needed. For schemas above all: making one takes longer than reading what it checks, and most threads and
// programs start without ever needing most of them.

/** What `make` gives: made at the first call, then kept. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
