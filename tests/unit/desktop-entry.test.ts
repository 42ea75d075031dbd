// The autostart entry as the desktop reads it: checked by desktop-file-validate, carried out by GLib (`gio launch`), which GNOME's and Xfce's
// sessions use too.
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { entryText, readEntry } from '../../electron/desktop-entry.ts'
import { temporaryFolder } from '../support/folder.ts'

const run = promisify(execFile)

const plain = { name: 'Arche', comment: 'Fait les sauvegardes à l’heure prévue', program: ['/usr/bin/arche'], env: {} }

describe('the autostart entry', () => {
  it.each([
    ['a plain path', 'arche'],
    ['spaces and accents', 'Mes programmes été/Arche 1.0.AppImage'],
    ['what a shell would expand', '$HOME `id` $(id) ~ * ?'],
    ['quotes and backslashes', 'it\'s "quoted" \\ \\n back\\\\slash'],
    ['field codes of the desktop', '100% %f %U %%'],
    ['separators', 'a;b&c|d<e>f#g=h'],
    ['a line feed and a tab', 'two\nlines\tand a tab'],
  ])('starts exactly its program with exactly its arguments: %s', async (_what, name) => {
    const folder = await temporaryFolder()
    const program = join(folder, `${name}.sh`)
    const said = join(folder, 'said')
    mkdirSync(join(program, '..'), { recursive: true })
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s\\0' "$0" "$HOME_OF_ARCHE" "$@" > '${said}.new'\nmv '${said}.new' '${said}'\n`,
    )
    chmodSync(program, 0o755)
    const text = entryText({ ...plain, program: [program, name, '--hidden'], env: { HOME_OF_ARCHE: name } })
    const entry = join(folder, 'arche.desktop')
    writeFileSync(entry, text)
    expect(await run('desktop-file-validate', [entry]).catch((error) => error)).toMatchObject({ stdout: '' })
    await run('gio', ['launch', entry])
    await expect
      .poll(() => (existsSync(said) ? readFileSync(said, 'utf8') : '').split('\0'), { timeout: 60_000 })
      .toEqual([program, name, name, '--hidden', ''])
    expect(readEntry(text)).toEqual({ on: true, program })
  })

  it('is off when somebody switched it off outside Arche, and when it is not there', () => {
    const text = entryText(plain)
    expect(readEntry(text).on).toBe(true)
    expect(readEntry('').on).toBe(false)
    expect(readEntry(`${text}Hidden=true\n`).on).toBe(false)
    expect(readEntry(text.replace('enabled=true', 'enabled=false')).on).toBe(false)
    expect(readEntry(`${text}\n[Desktop Action x]\nHidden=true\n`).on).toBe(true)
    expect(readEntry('[Other]\nExec=x\n').on).toBe(false)
  })
})
