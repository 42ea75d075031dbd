// What a plan leaves out, as people write it; pure, for the window, the terminal and the engine.
// The syntax: a pattern without `/` names files and folders anywhere (`*.tmp`, `node_modules`), with a `/` at its end only folders; one with `/` inside is the
// end of a path (`cache/*.iso`, `**/build/**`); one that begins with `/` is a whole path, which may hold `*` too. See lib/glob.ts for the characters.
// Guarantees: plans made before this syntax mean what they meant (`patternsOf`); what could not mean anything is refused, with a reason.

/** A sentence each in the catalogue (`common.reason`). */
export type ExclusionFault = 'exclude-empty' | 'exclude-all' | 'exclude-not' | 'exclude-dots' | 'exclude-characters'

const longest = 4096

/** Why a pattern is refused, if it is. */
export function exclusionFault(pattern: string): ExclusionFault | undefined {
  if (pattern.trim() === '') return 'exclude-empty'
  if (pattern.length > longest || pattern.includes('\0')) return 'exclude-characters'
  if (pattern.startsWith('!')) return 'exclude-not'
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(pattern)) return 'exclude-dots'
  return /^[*/]+$/.test(pattern) && pattern !== '*/' ? 'exclude-all' : undefined
}

/** What a path or pattern of an older plan is in the present syntax: only `*` and `?` in names meant more than themselves. */
function modernised(pattern: string): string {
  const special = isWholePath(pattern) ? /[*?[\]{}\\]/g : /[[\]{}\\]/g
  return pattern.replace(special, '\\$&')
}

export function isWholePath(pattern: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(pattern)
}

/** Holds characters that mean more than themselves. */
export function isPattern(text: string): boolean {
  return /[*?[{\\]/.test(text)
}

/**
 * What is usually left out, in groups that a person ticks: what programs make anew by themselves, and what was thrown away. `preset`: ticked in a new plan. Only names that
 * nobody gives to documents.
 */
export const usualExclusions = {
  caches: {
    preset: true,
    patterns: ['.cache/', '.thumbnails/', 'GPUCache/', 'Code Cache/', '__pycache__/', '.var/app/*/cache/'],
  },
  trash: { preset: true, patterns: ['.local/share/Trash/', '.Trash/', '.Trash-*/'] },
  machines: {
    preset: false,
    patterns: [
      'VirtualBox VMs/',
      '.local/share/libvirt/images/',
      '.local/share/gnome-boxes/images/',
      '.local/share/containers/',
    ],
  },
  builds: { preset: false, patterns: ['node_modules/', '.venv/', '.gradle/', '.npm/'] },
} as const
export type ExclusionGroup = keyof typeof usualExclusions

export const exclusionGroups = Object.keys(usualExclusions) as ExclusionGroup[]

/** Left out of a new plan, until a person says otherwise. */
export const presetExclusions: readonly string[] = exclusionGroups.flatMap((group) =>
  usualExclusions[group].preset ? [...usualExclusions[group].patterns] : [],
)

const usualPatterns = new Set<string>(exclusionGroups.flatMap((group) => [...usualExclusions[group].patterns]))

/** One of a group: that it matches nothing is no news. */
export function isUsualExclusion(pattern: string): boolean {
  return usualPatterns.has(pattern)
}

/** Of a source that leaves something out. */
export interface Exclusions {
  readonly exclude: readonly string[]
  readonly excludeSyntax?: 2 | undefined
}

/** Patterns of a plan in the present syntax; without those of an older plan that have never meant anything. */
export function patternsOf({ exclude, excludeSyntax }: Exclusions): string[] {
  if (excludeSyntax === 2) return [...exclude]
  return exclude.filter((pattern) => isWholePath(pattern) || !/\/[^/]/.test(pattern)).map(modernised)
}

/** The same for a person to change, with all of them. */
export function editable({ exclude, excludeSyntax }: Exclusions): string[] {
  return excludeSyntax === 2 ? [...exclude] : exclude.map(modernised)
}
