// The parts of the terminal form that need no engine: columns, output in both voices, given passwords, names on the command line.
import { EventEmitter } from 'node:events'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import type { Progress } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import { isAnsweredFor } from '../../core/terminal/front.ts'
import { createInterrupts } from '../../core/terminal/interrupts.ts'
import { facts, pad, shorten, table, width, wrap } from '../../core/terminal/layout.ts'
import { absolute, findPlan, mediumRef, nameOfFolders, pathInArchive } from '../../core/terminal/names.ts'
import { createOutput, type OutputOptions } from '../../core/terminal/output.ts'
import { createPasswords } from '../../core/terminal/passwords.ts'
import { progressLine } from '../../core/terminal/progress.ts'
import { quoted } from '../../core/terminal/quoted.ts'

describe('columns', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['🚢', 2],
    ['👨‍👩‍👧', 2],
    ['\u001b[31mred\u001b[39m', 3],
    ['', 0],
  ])('%j takes %i', (text, columns) => {
    expect(width(text)).toBe(columns)
  })

  it('align whatever the characters', () => {
    const lines = table(
      [{ title: 'a' }, { title: 'number', align: 'right' }, { title: 'c' }],
      [
        ['漢字', '1', 'x'],
        ['abc', '20', ''],
      ],
    )
    expect(lines).toEqual(['a     number  c', '漢字       1  x', 'abc       20'])
    expect(
      facts([
        ['a', '1'],
        ['bcd', '2\n3'],
      ]),
    ).toEqual(['  a    1', '  bcd  2', '       3'])
    expect(pad('漢', 4) + pad('x', 3, 'right')).toBe('漢    x')
  })

  it('shorten in the middle without splitting a character', () => {
    expect(shorten('short', 5)).toBe('short')
    expect(shorten('/a/very/long/path/file.txt', 12)).toBe('/a/…file.txt')
    for (let columns = 0; columns < 20; columns += 1)
      expect(width(shorten('漢字🚢漢字/漢字é́/👨‍👩‍👧', columns))).toBeLessThanOrEqual(columns)
  })

  it('wrap at spaces, with indents', () => {
    expect(wrap('one two three four', 10, '  ', '* ')).toBe('* one two\n  three\n  four')
    expect(wrap('unbreakable-and-long x', 5)).toBe('unbreakable-and-long\nx')
  })
})

class Screen extends EventEmitter {
  text = ''
  readonly isTTY: boolean
  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }
  write(text: string): boolean {
    this.text += text
    return true
  }
}

function outputs(options: Partial<OutputOptions> = {}) {
  const stdout = new Screen()
  const stderr = new Screen()
  return { stdout, stderr, output: createOutput({ json: false, language: 'en', env: {}, stdout, stderr, ...options }) }
}

describe('output', () => {
  it('keeps results on stdout and everything else on stderr', () => {
    const { output, stdout, stderr } = outputs({ language: 'fr' })
    output.say('résultat')
    output.note('note')
    output.finding({ level: 'warning', code: 'source-empty', details: { path: '/a\u0007' } })
    output.error({ code: 'no-key', text: 'Texte.', hint: 'Conseil.' }, 10)
    output.emit('result', { command: 'x' })
    expect(stdout.text).toBe('résultat\n')
    expect(stderr.text).toBe(
      'note\nAttention\u00a0: Le dossier /a‹0007› est vide.\n  La sauvegarde contiendra ce dossier vide. Est-ce le bon\u202f?\nErreur\u00a0: Texte.\n  Conseil.\n',
    )
  })

  it('prints JSON lines only with --json', () => {
    const { output, stdout, stderr } = outputs({ json: true })
    output.say('for people')
    output.note('for people')
    output.warning({ code: 'file-vanished', details: { path: 'a\nb' } })
    output.error({ code: 'bad-input', text: 'Text.', hint: 'Hint.' }, 2)
    output.emit('result', { command: 'x', outcome: 'success' })
    expect(stderr.text).toBe('')
    expect(
      stdout.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        type: 'warning',
        code: 'file-vanished',
        details: { path: 'a\nb' },
        text: expect.stringContaining('a‹000A›b'),
        hint: expect.any(String),
      },
      { type: 'error', code: 'bad-input', details: {}, text: 'Text.', hint: 'Hint.', exitCode: 2 },
      { type: 'result', command: 'x', outcome: 'success' },
    ])
  })

  it('colours only on a terminal without NO_COLOR', () => {
    const error = (env: Record<string, string>, tty: boolean) => {
      const { output, stderr } = outputs({ env, stderr: new Screen(tty) })
      output.error({ code: 'io', text: 'T', hint: 'H' }, 12)
      return stderr.text
    }
    expect(error({}, false)).toBe('')
    const painted = (env: Record<string, string>, tty: boolean) => {
      const stderr = new Screen(tty)
      outputs({ env, stderr }).output.error({ code: 'io', text: 'T', hint: 'H' }, 12)
      return stderr.text.includes('\u001b')
    }
    expect([
      painted({}, true),
      painted({}, false),
      painted({ NO_COLOR: '1' }, true),
      painted({ TERM: 'dumb' }, true),
    ]).toEqual([true, false, false, false])
  })

  it('is silent once the reader has gone, and the work goes on', () => {
    const { output, stdout } = outputs()
    stdout.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
    output.say('unread')
    expect(stdout.text).toBe('')
    expect(() => stdout.emit('error', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))).toThrow('ENOSPC')
  })
})

describe('progress', () => {
  const progress: Progress = {
    id: '00000000-0000-4000-8000-000000000000',
    kind: 'backup',
    subject: 'x',
    startedAt: '2026-01-01T00:00:00Z',
    operation: 'archive',
    operationStartedAt: '2026-01-01T00:00:00Z',
    done: 500_000,
    total: 1_000_000,
    rate: 1000,
    remaining: 125,
    path: '/a\n/b',
    warnings: 0,
    cancelling: false,
  } // prettier-ignore

  it('is one line that fits, with hostile names made visible', () => {
    const { output } = outputs()
    const line = progressLine(progress, { ...output, columns: 120 })
    expect(line).toBe(
      'Making the archive  ██████████░░░░░░░░░░  50 %  500\u00a0kB of 1\u00a0MB  1\u00a0kB/s  2\u00a0min 05\u00a0s left  /a‹000A›/b',
    )
    for (const columns of [40, 60, 80])
      expect(width(progressLine(progress, { ...output, columns }))).toBeLessThan(columns)
    expect(progressLine({ ...progress, cancelling: true }, { ...output, columns: 100 })).toContain('Cancelling')
  })
})

describe('given passwords', () => {
  const env = { ARCHE_OPERATOR_PASSWORD: ' op ', ARCHE_KEY_PASSWORD: 'clé 漢' }

  it('are taken as they are, from a descriptor before the environment', () => {
    const given = createPasswords({ env, descriptors: { key: '7' }, read: () => Buffer.from(' from 7 \r\nrest') })
    expect([given.given('operator'), given.given('key')]).toEqual([' op ', ' from 7 '])
    expect(createPasswords({ env: {}, descriptors: {} }).given('key')).toBeUndefined()
  })

  it('may come through one descriptor, which is read once', () => {
    let reads = 0
    const read = () => {
      reads += 1
      return Buffer.from('one\ntwo\n')
    }
    const given = createPasswords({ env, descriptors: { operator: '0', key: '0' }, read })
    expect([given.given('key'), given.given('operator'), reads]).toEqual(['two', 'one', 1])
  })

  it('that are empty or unreadable are refused', () => {
    expect(() => createPasswords({ env: { ARCHE_KEY_PASSWORD: '' }, descriptors: {} }).given('key')).toThrow(
      new Failure('password-empty'),
    )
    expect(() =>
      createPasswords({ env, descriptors: { key: '3' }, read: () => Buffer.from('\n') }).given('key'),
    ).toThrow(new Failure('password-empty'))
    expect(() => createPasswords({ env, descriptors: { operator: 'three' } })).toThrow('not-number')
  })

  it('that are not UTF-8 are refused, whatever they are for', () => {
    const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a])
    for (const kind of ['operator', 'key', 'database', 'mail'] as const) {
      const fromDescriptor = createPasswords({ env: {}, descriptors: { [kind]: '3' }, read: () => latin })
      expect(() => fromDescriptor.given(kind)).toThrow(new Failure('password-encoding'))
      // What Node makes of the same bytes in a variable.
      const variable = `ARCHE_${kind.toUpperCase()}_PASSWORD`
      const fromVariable = createPasswords({ env: { [variable]: latin.toString() }, descriptors: {} })
      expect(() => fromVariable.given(kind)).toThrow(new Failure('password-encoding'))
    }
  })

  it('through a descriptor that is none are a usage error', () => {
    expect(() => createPasswords({ env, descriptors: { operator: '999999' } }).given('operator')).toThrow(
      'bad-descriptor',
    )
  })
})

describe('names', () => {
  const state = {
    media: [
      {
        path: '/media/me/STICK',
        name: 'blue',
        label: 'STICK',
        removable: true,
        system: false,
        readOnly: false,
        initialised: true,
        fixed: false,
      },
    ],
    known: [
      { id: '00000000-0000-4000-8000-000000000001', name: 'tests', path: '/far', seenAt: '2026-01-01T00:00:00Z' },
    ],
  }

  it('of media go before folders here; paths are made absolute', () => {
    expect(['blue', 'STICK', 'tests', 'elsewhere'].map((name) => mediumRef(name, state))).toEqual([
      'blue',
      'STICK',
      'tests',
      'elsewhere',
    ])
    expect(['core', './tests', '.', '~/stick', '/media/x/'].map((name) => mediumRef(name, state))).toEqual([
      resolve('core'),
      resolve('tests'),
      resolve('.'),
      resolve(homedir(), 'stick'),
      '/media/x',
    ])
  })

  it('of the home folder may be quoted', () => {
    expect(absolute('~')).toBe(homedir())
  })

  it('of plans come from their folders', () => {
    expect(nameOfFolders(['/a/docs'])).toBe('docs')
    expect(nameOfFolders(['/a/x', '/b/y', '/z'])).toBe('x, y, z')
    expect(nameOfFolders(['/a', '/b', '/c', '/d'])).toBe('a, b (+2)')
    expect(nameOfFolders(['/'])).toBe('/')
    expect(nameOfFolders(['/new\nline'])).toBe('new‹000A›line')
    expect(nameOfFolders([`/${'é'.repeat(127)}`])).toHaveLength(100)
  })

  it('of plans are found by name, then without regard to capitals', () => {
    const plan = (name: string) => ({ name, id: name }) as Plan
    const plans = [plan('Docs'), plan('docs'), plan('Photos')]
    expect(['docs', 'Docs', 'DOCS', 'photos', 'x'].map((name) => findPlan(name, plans)?.name)).toEqual([
      'docs',
      'Docs',
      'Docs',
      'Photos',
      undefined,
    ])
  })

  it('of chosen files are understood by their original place too', () => {
    const roots = [
      { name: 'docs', origin: '/home/me/docs' },
      { name: 'docs 2', origin: '/other/docs' },
      { name: 'all', origin: '/' },
    ]
    const cases = ['/home/me/docs', '/home/me/docs/a/b', '/other/docs/c/', 'docs/a', './docs/a', '/etc/fstab']
    expect(cases.map((path) => pathInArchive(path, roots))).toEqual([
      'docs',
      'docs/a/b',
      'docs 2/c',
      'docs/a',
      'docs/a',
      'all/etc/fstab',
    ])
    expect(pathInArchive('/home/me/docs2', roots.slice(0, 2))).toBe('home/me/docs2')
  })

  it('in shown commands are quoted for the shell', () => {
    expect(['/media/me/STICK', 'with space', "it's", 'a\nb', 'é.txt'].map(quoted)).toEqual([
      '/media/me/STICK',
      "'with space'",
      "'it'\\''s'",
      "'a‹000A›b'",
      'é.txt',
    ])
  })
})

describe('interruptions', () => {
  it('abort outside of a run, and are counted inside', async () => {
    const source = new EventEmitter()
    const interrupts = createInterrupts(source)
    const seen: number[] = []
    await interrupts.during(
      (times) => seen.push(times),
      async () => {
        source.emit('SIGINT')
        source.emit('SIGTERM')
      },
    )
    expect(seen).toEqual([1, 2])
    expect(() => interrupts.check()).not.toThrow()
    source.emit('SIGHUP')
    expect(interrupts.signal.aborted).toBe(true)
    expect(() => interrupts.check()).toThrow(new Failure('cancelled'))
    interrupts.dispose()
    expect(source.listenerCount('SIGINT')).toBe(0)
  })

  it.each([
    [['SIGINT'], false],
    [['SIGINT', 'SIGINT'], true],
    [['SIGTERM'], true],
    [['SIGHUP'], true],
  ])('%j presses: %s', (signals, pressing) => {
    const source = new EventEmitter()
    const interrupts = createInterrupts(source)
    for (const signal of signals) source.emit(signal)
    expect(interrupts.pressing.aborted).toBe(pressing)
    interrupts.dispose()
  })

  it('need a process before the work where somebody answers for a file system', () => {
    const mount = (type: string) => `36 35 98:0 / /mnt rw,noatime master:1 - ${type} source rw\n`
    for (const type of ['fuse', 'fuse.sshfs', 'fuseblk', 'nfs', 'nfs4', 'cifs', 'smb3', '9p'])
      expect(isAnsweredFor(mount('ext4') + mount(type)), type).toBe(true)
    for (const type of ['ext4', 'tmpfs', 'fusectl', 'fuse.portal', 'fuse.lxcfs'])
      expect(isAnsweredFor(mount(type)), type).toBe(false)
  })
})
