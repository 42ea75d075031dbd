// The chapters of the help, in their order, and the keys of the keyboard that it lists.

/** Each with the paragraphs that it has in the catalogue (chapter `help`). */
export const helpChapters = {
  plan: ['what', 'whole', 'age'],
  place: ['what', 'two', 'here', 'full'],
  drive: ['what', 'known', 'turn', 'eject'],
  key: ['what', 'carried', 'write', 'trusted', 'other'],
  lost: ['need', 'steps', 'try'],
  without: ['what'],
  shortcuts: ['what'],
} as const satisfies Record<string, readonly string[]>

export type HelpChapter = keyof typeof helpChapters

export const chapterNames = Object.keys(helpChapters) as HelpChapter[]

/** What the keyboard does everywhere: keys as they are printed on it (`ctrl`, `alt`, `esc` have words), and what they do. */
export const shortcuts = [
  [['esc'], 'leave'],
  [['alt', '←'], 'back'],
  [['ctrl', 'B'], 'backup'],
  [['ctrl', 'F'], 'find'],
  [['ctrl', ','], 'settings'],
  [['F1'], 'help'],
] as const
