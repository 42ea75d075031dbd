// What the terminal says of a kind of source. The rows: one file a kind beside this one; the table: source-words.ts.
import type { Translate } from '../../api/text/text.ts'
import type { Fact } from '../run-report.ts'

export interface SourceWords<S> {
  /** Several lines of facts. */
  facts(source: S, t: Translate): Fact[]
  /** One line. */
  line(source: S, t: Translate): string
  /** What a plan is called of which no name is given. */
  name(source: S, t: Translate): string
}
