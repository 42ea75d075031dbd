// The victim of the retention fault tests: applies rules to a medium, with one file system call going wrong.
// Argument: a JSON text (see PruneOrder). Prints what became of it as JSON (see PruneOutcome).
import { Failure } from '../../../core/api/failure.ts'
import { type Chosen, type Pruning, prune } from '../../../core/keep/prune.ts'
import { openStore } from '../../../core/stores/open.ts'
import { Shelf } from '../../../core/targets/shelf.ts'
import { armed, type Fault } from '../../suites/fixtures/steps.ts'

export interface PruneOrder {
  readonly mount: string
  readonly pruning: Pruning | Chosen
  readonly fault: Fault
}

export interface PruneOutcome {
  readonly removed: readonly string[]
  readonly warnings: readonly string[]
  readonly code?: string
  readonly bug?: string
  readonly calls: readonly string[]
}

const order = JSON.parse(process.argv[2] ?? '') as PruneOrder
let active = false
const calls = await armed(order.fault, () => active)
const store = await openStore({ kind: 'medium', path: order.mount })
const removed: string[] = []
const warnings: string[] = []
const report = {
  operation: () => undefined,
  advance: () => undefined,
  warn: ({ code }: { code: string }) => void warnings.push(code),
}
const ctx = { signal: new AbortController().signal, now: Date.now, temp: '', report }
active = true
const failed = await prune(new Shelf(store), order.pruning, ctx, ({ name }) => void removed.push(name)).then(
  () => ({}),
  (error: unknown) => (error instanceof Failure ? { code: error.code } : { bug: String(error) }),
)
active = false
await store.close()
const outcome: PruneOutcome = { removed, warnings, ...failed, calls }
process.stdout.write(JSON.stringify(outcome))
