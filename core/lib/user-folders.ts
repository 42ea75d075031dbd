// The folders that people keep their things in: the home folder and those that the desktop has in it, under whatever names they have there.
// Source: xdg-user-dirs (user-dirs.dirs(5)); where a desktop has no such file, and on other systems, the names that are usual there.
// Guarantees: only folders that are there, each once; never fails.
import { statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { FolderKind } from '../api/model.ts'
import { readSmall } from './files.ts'

const folderKinds = FolderKind.options

export interface UserFolder {
  readonly kind: FolderKind
  readonly path: string
}

type InHome = Exclude<FolderKind, 'home'>

const variables = {
  documents: 'XDG_DOCUMENTS_DIR',
  pictures: 'XDG_PICTURES_DIR',
  desktop: 'XDG_DESKTOP_DIR',
  music: 'XDG_MUSIC_DIR',
  videos: 'XDG_VIDEOS_DIR',
  downloads: 'XDG_DOWNLOAD_DIR',
} satisfies Record<InHome, string>

const usual: Readonly<Record<InHome, readonly string[]>> = {
  documents: ['Documents'],
  pictures: ['Pictures'],
  desktop: ['Desktop'],
  music: ['Music'],
  videos: ['Videos', 'Movies'],
  downloads: ['Downloads'],
}

/** The file has a line a folder. */
const limit = 100_000

/** What a text as user-dirs.dirs(5) describes it says: absolute paths by kind. A folder that is the home folder itself is switched off there. */
export function namedFolders(text: string, home: string): Partial<Record<InHome, string>> {
  const found: Partial<Record<InHome, string>> = {}
  for (const line of text.split('\n')) {
    const [, variable, value = ''] = /^\s*(XDG_[A-Z]+_DIR)\s*=\s*"(.*)"\s*$/.exec(line) ?? []
    const kind = folderKinds.find((one): one is InHome => one !== 'home' && variables[one] === variable)
    const plain = value.replace(/\\(.)/g, '$1').replace(/\/+$/, '')
    const path = plain === '$HOME' || plain.startsWith('$HOME/') ? home + plain.slice('$HOME'.length) : plain
    if (kind && isAbsolute(path) && path !== home) found[kind] = path
  }
  return found
}

/** Of the person with this home folder. */
export async function userFolders(home: string, env: NodeJS.ProcessEnv = process.env): Promise<UserFolder[]> {
  const settings = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'user-dirs.dirs')
  const text = await readSmall(settings, { limit, follow: true }).catch(() => undefined)
  const named = text === undefined ? undefined : namedFolders(text, home)
  const seen = new Set<string>()
  return folderKinds.flatMap((kind) => {
    const paths = kind === 'home' ? [home] : named ? [named[kind] ?? ''] : usual[kind].map((name) => join(home, name))
    const path = paths.find((one) => one !== '' && isFolder(one) && !seen.has(one))
    if (path === undefined) return []
    seen.add(path)
    return [{ kind, path }]
  })
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
