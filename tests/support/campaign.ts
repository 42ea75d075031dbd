// How far a test goes that is a loop: a little in `npm test`, at full length in `npm run campaign -- NAME` (build/campaign.mjs), with the same code.
// Guarantees: without a campaign nothing depends on the environment, and nothing is written.
import { appendFileSync } from 'node:fs'

/** Times the full length; undefined: no campaign. */
const length = process.env.ARCHE_CAMPAIGN === undefined ? undefined : Number(process.env.ARCHE_CAMPAIGN)
const figuresFile = process.env.ARCHE_CAMPAIGN_FIGURES

/** How many rounds a loop has: `few`, in a campaign `many` times its length. */
export function rounds(few: number, many: number): number {
  return length === undefined ? few : Math.max(few, Math.round(many * length))
}

/** Which of many cases are tried: every `step`th, in a campaign all of them. */
export function stride(step: number): number {
  return length === undefined ? step : 1
}

/** Which of many cases are tried: these `few`, in a campaign `all`. */
export function cases<T>(few: readonly T[], all: readonly T[]): readonly T[] {
  return length === undefined ? few : all
}

/** What a campaign has done, for tests/campaigns/RESULTS.md: figures of the same name are summed. */
export function figure(name: string, value: number): void {
  if (figuresFile !== undefined) appendFileSync(figuresFile, `${JSON.stringify({ name, value })}\n`)
}
