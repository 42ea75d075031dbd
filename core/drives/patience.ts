// A limit to waiting for file systems that may never answer (a dying stick, a network share that is away).
// Node cannot take a file system call back: it holds one of few threads until the kernel lets go. So a question that is still open is not asked
// again, its answer is shared when it comes, and after two overdue ones no third is risked.

/** Overdue calls that are tolerated; Node has four threads for all of them. */
const mostOverdue = 2

export type Ask<T> = (key: string, job: () => Promise<T>, milliseconds: number) => Promise<T | undefined>

/** Asks under a key; undefined when the answer takes too long or is not risked. A failure of the job is thrown. */
export function patient<T>(): Ask<T> {
  const open = new Map<string, Promise<T>>()
  const overdue = new Set<string>()

  return async (key, job, milliseconds) => {
    if (!open.has(key) && overdue.size >= mostOverdue) return undefined
    const answer = open.get(key) ?? job()
    open.set(key, answer)
    const forget = () => {
      open.delete(key)
      overdue.delete(key)
    }
    answer.then(forget, forget)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        if (open.has(key)) overdue.add(key)
        resolve(undefined)
      }, milliseconds)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
