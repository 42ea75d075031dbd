// The campaigns: tests that are loops, at full length. What each runs, and how its result is written down.
// Guarantees: pure. How a loop is made long: tests/support/campaign.ts. How they are run: campaign-arche.mjs.
import { Stop } from './stop.mjs'

/** @typedef {'kills' | 'schedules' | 'load'} CampaignName */

/** @type {Record<CampaignName, { what: string, files: string[] }>} */
export const campaigns = {
  kills: {
    what: 'processes are killed while they store, remove, restore, record, send and take over',
    files: ['store-kill', 'keep-kill', 'restore-kill', 'server-kill', 'history', 'mail-kill', 'ownership'].map(
      (name) => `tests/faults/${name}.test.ts`,
    ),
  },
  schedules: {
    what: 'years of schedules, drawn at random',
    files: ['tests/unit/schedule-years.test.ts'],
  },
  load: {
    what: 'large databases, long histories, an index of two million entries and a search in ten million names',
    files: ['server-large', 'history', 'contents-large', 'catalogue-large'].map(
      (name) => `tests/faults/${name}.test.ts`,
    ),
  },
}

/**
 * @param {string[]} args NAME and, if wished, how many times the full length: `0.1` is a tenth
 * @returns {{ name: CampaignName, length: number }}
 */
export function chosenCampaign(args) {
  const [given, times = '1', ...rest] = args
  const names = /** @type {CampaignName[]} */ (Object.keys(campaigns))
  const name = names.find((known) => known === given)
  const length = Number(times)
  if (name && length > 0 && Number.isFinite(length) && rest.length === 0) return { name, length }
  const list = names.map((known) => `${known}: ${campaigns[known].what}`).join('\n')
  throw new Stop(`A campaign is one of:\n\n${list}`, { type: names.map((known) => `npm run campaign -- ${known}`) })
}

export const heading = `# Results of \`npm run campaign -- NAME\`

Tests that are loops, at full length or as many times that: see CONTRIBUTING.md. Figures are summed over the files of a campaign.

| date | commit | campaign | length | minutes | figures | outcome |
|------|--------|----------|-------:|--------:|---------|---------|
`

/**
 * A line of the table in tests/campaigns/RESULTS.md.
 * @param {{ date: string, commit: string, name: string, length: number, seconds: number, figures: { name: string, value: number }[], counts: import('./parts.mjs').Counts }} result
 */
export function resultLine({ date, commit, name, length, seconds, figures, counts }) {
  /** @type {Map<string, number>} */
  const sums = new Map()
  for (const one of figures) sums.set(one.name, (sums.get(one.name) ?? 0) + one.value)
  const told = [...sums].map(([what, value]) => `${value} ${what}`).join(', ')
  const outcome = `${counts.passed} passed, ${counts.failed} failed`
  return `| ${[date, commit, name, length, (seconds / 60).toFixed(1), told, outcome].join(' | ')} |\n`
}
