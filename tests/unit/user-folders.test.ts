// The folders that people keep their things in, and what is usually left out of them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  exclusionFault,
  exclusionGroups,
  isUsualExclusion,
  presetExclusions,
  usualExclusions,
} from '../../core/api/exclusion.ts'
import { namedFolders, userFolders } from '../../core/lib/user-folders.ts'
import { isInside, outermost } from '../../renderer/areas/first/usual-folders.tsx'
import { sumOf } from '../../renderer/parts/use-sizes.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('the folders of a person', () => {
  it('are those that the desktop names, in whatever language; one that is the home folder is none', () => {
    const text = [
      '# This file is written by xdg-user-dirs-update',
      'XDG_DESKTOP_DIR="$HOME/Bureau"',
      ' XDG_DOCUMENTS_DIR = "$HOME/Mes \\"documents\\"" ',
      'XDG_DOWNLOAD_DIR="/data/loads/"',
      'XDG_MUSIC_DIR="$HOME/"',
      'XDG_PICTURES_DIR="relative"',
      'XDG_TEMPLATES_DIR="$HOME/Modèles"',
      'XDG_VIDEOS_DIR=$HOME/unquoted',
    ].join('\n')
    expect(namedFolders(text, '/home/marie')).toEqual({
      desktop: '/home/marie/Bureau',
      documents: '/home/marie/Mes "documents"',
      downloads: '/data/loads',
    })
  })

  it('are there, each once, the home folder last', async () => {
    const home = await temporaryFolder()
    const env = { XDG_CONFIG_HOME: join(home, 'settings') }
    for (const name of ['settings', 'Documents', 'Images', 'Movies']) await mkdir(join(home, name))
    await writeFile(join(home, 'Desktop'), 'no folder')
    expect(await userFolders(home, env)).toEqual([
      { kind: 'documents', path: join(home, 'Documents') },
      { kind: 'videos', path: join(home, 'Movies') },
      { kind: 'home', path: home },
    ])
    await writeFile(
      join(home, 'settings', 'user-dirs.dirs'),
      'XDG_PICTURES_DIR="$HOME/Images"\nXDG_DESKTOP_DIR="$HOME/Images"\nXDG_DOCUMENTS_DIR="$HOME/gone"\n',
    )
    expect(await userFolders(home, env)).toEqual([
      { kind: 'pictures', path: join(home, 'Images') },
      { kind: 'home', path: home },
    ])
  })

  it('are counted once where one holds another', () => {
    expect(isInside('/a/b', '/a')).toBe(true)
    expect(isInside('/ab', '/a')).toBe(false)
    expect(isInside('/a', '/a')).toBe(false)
    expect(isInside('/a', '/')).toBe(true)
    expect(outermost(['/a/b', '/a', '/c', '/ab'])).toEqual(['/a', '/c', '/ab'])
  })

  it('have a size together once each has one; what cannot be counted is nothing', () => {
    const sizes = new Map([
      ['/a', { files: 1, bytes: 10, stored: 5 }],
      ['/b', { files: 2, bytes: 20 }],
      ['/gone', null],
    ])
    expect(sumOf(sizes, ['/a', '/gone'])).toEqual({ files: 1, bytes: 10, stored: 5 })
    expect(sumOf(sizes, ['/a', '/b'])).toEqual({ files: 3, bytes: 30, stored: 25 })
    expect(sumOf(sizes, ['/a', '/later'])).toBeUndefined()
  })
})

describe('what is usually left out', () => {
  it('is written as exclusions are, and each pattern is in one group', () => {
    const all = exclusionGroups.flatMap((group) => [...usualExclusions[group].patterns])
    expect(new Set(all).size).toBe(all.length)
    expect(all.map((pattern) => exclusionFault(pattern))).toEqual(all.map(() => undefined))
    expect(all.every(isUsualExclusion)).toBe(true)
    expect(isUsualExclusion('*.tmp')).toBe(false)
    expect(presetExclusions).toContain('.cache/')
    expect(presetExclusions).not.toContain('node_modules/')
  })
})
