// A computer for one test: a data folder, a home folder, sticks, and the real Arche started on them.
// Guarantees: the program is the compiled one in the real Electron, without hooks; only what a test cannot click (the system's own dialogs)
// is answered from outside, in the main process. Everything lies in one temporary folder that is removed afterwards.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { _electron, test as base, type ElectronApplication, expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { startDisplay } from '../../build/display.mjs'
import { Drives } from './drives.ts'

const root = join(import.meta.dirname, '../..')

export const operatorPassword = 'opérateur 1'
export const keyPassword = 'clé très longue — 鍵'

export interface LaunchOptions {
  /** Locale of the system, `fr_FR.UTF-8` by default: most of the people we write for read French. */
  locale?: string
  env?: Record<string, string>
  args?: string[]
}

/** The data folder that is copied. */
let initialised: string | undefined

export class Desk {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'arche-e2e-')))
  readonly drives: Drives
  /** Home of the person. */
  readonly user: string
  home = join(this.folder, 'arche')
  #program: ElectronApplication | undefined
  #page: Page | undefined
  #pictures = 0
  #guarded = false
  readonly #forgiven: string[] = []
  readonly #name: string

  /** `where`: a home and a folder for drives of other names than in the temporary folder, as they are seen in pictures. */
  constructor(name: string, where: { user?: string; media?: string } = {}) {
    this.#name = name
    this.user = where.user ?? join(this.folder, 'user')
    this.drives = new Drives(this.folder, where.media)
    mkdirSync(join(this.user, 'Documents'), { recursive: true })
  }

  get program(): ElectronApplication {
    if (!this.#program) throw new Error('Arche has not been started')
    return this.#program
  }

  get page(): Page {
    if (!this.#page) throw new Error('Arche has not been started')
    return this.#page
  }

  environment(options: LaunchOptions = {}): Record<string, string> {
    const locale = options.locale ?? 'fr_FR.UTF-8'
    const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return {
      ...Object.fromEntries(kept.filter(([name]) => !/^(ARCHE_|NODE_OPTIONS$|ELECTRON_RUN_AS_NODE$|LC_)/.test(name))),
      PATH: `${this.drives.bin}:${process.env.PATH}`,
      HOME: this.user,
      XDG_CONFIG_HOME: join(this.user, '.config'),
      ARCHE_HOME: this.home,
      LANG: locale,
      LANGUAGE: locale.slice(0, 2),
      ...options.env,
    }
  }

  /** Starts the window and waits until it can be used. */
  async launch(options: LaunchOptions = {}): Promise<Page> {
    const executablePath = process.env.ARCHE_ELECTRON
    if (!executablePath) throw new Error('ARCHE_ELECTRON names no Electron program')
    this.#program = await _electron.launch({
      executablePath,
      args: [root, ...(options.args ?? [])],
      env: this.environment(options),
    })
    this.#page = await this.#program.firstWindow()
    this.#page.setDefaultTimeout(15_000)
    await this.#page.waitForLoadState()
    return this.#page
  }

  /** Resolves with the exit code when the program has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.program.process()
    if (child.exitCode === null) await once(child, 'exit')
    this.#program = undefined
    return child.exitCode
  }

  /** Quits as the menu does, and waits. */
  async quit(): Promise<void> {
    const ended = this.ended()
    await this.program.evaluate(({ app }) => app.quit())
    await ended
  }

  /** The terminal form of the same program, on the same data folder. */
  terminal(args: string[], options: LaunchOptions = {}): Promise<{ code: number; stdout: string; stderr: string }> {
    const passwords = {
      ARCHE_KEY_PASSWORD: keyPassword,
      ...(this.#guarded && { ARCHE_OPERATOR_PASSWORD: operatorPassword }),
    }
    const env = { ...this.environment(options), ...passwords, ...options.env }
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, 'out/main/cli.js'), ...args],
        { env, cwd: this.folder },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      )
    })
  }

  /** The same, which must succeed. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.terminal(args)
    expect(code, `arche ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  /** Key and one initialised stick, made in the terminal: for tests that are about something else. */
  async prepare(stick?: { label: string; tmpfs?: string }): Promise<void> {
    await this.#initialise()
    if (!stick) return
    const path = this.drives.plugIn(stick.label, stick.tmpfs ? { tmpfs: stick.tmpfs } : {})
    await this.run('medium', 'init', path, '--name', stick.label, '--yes')
  }

  /** Sets an administrator password, as few people have one. */
  async guard(): Promise<void> {
    this.#guarded = true
    await this.run('password', 'set')
  }

  /** As `arche init` leaves a data folder. Made by the first test of a worker that asks for it, then copied: making a key takes its time. */
  async #initialise(): Promise<void> {
    if (initialised === undefined) {
      await this.run('init', '--yes')
      initialised = mkdtempSync(join(tmpdir(), 'arche-e2e-initialised-'))
      process.once('exit', () => rmSync(initialised ?? '', { recursive: true, force: true }))
      cpSync(this.home, initialised, { recursive: true })
    } else cpSync(initialised, this.home, { recursive: true })
  }

  /** Another computer: nothing but what is plugged in. */
  moveToAnotherComputer(): void {
    this.home = join(this.folder, 'other')
  }

  // --- what cannot be clicked -----------------------------------------------------------------------------------------

  /** The next "choose a folder / a file" dialogs are answered so. */
  async chooseFiles(...filePaths: string[]): Promise<void> {
    await this.program.evaluate(({ dialog }, paths) => {
      dialog.showOpenDialog = async () => ({ canceled: paths.length === 0, filePaths: paths })
    }, filePaths)
  }

  /** The next "save as" dialogs are answered so; returns the path. */
  async saveAs(name: string): Promise<string> {
    const path = join(this.folder, name)
    await this.program.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath })
    }, path)
    return path
  }

  // --- what is looked at ----------------------------------------------------------------------------------------------

  /** A picture for artifacts/, numbered in the order of the test. */
  async picture(name: string): Promise<void> {
    this.#pictures += 1
    const number = String(this.#pictures).padStart(2, '0')
    await this.page.screenshot({ path: join(root, 'artifacts/e2e', `${this.#name}-${number}-${name}.png`) })
  }

  /** Nothing that keeps people from using this screen, in light and dark; and a picture of both. */
  async accessible(name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await this.picture(`${name}-${colorScheme}`)
      // The ordinary mode opens a further page, which Electron has not. Only colours differ in the dark.
      const axe = new AxeBuilder({ page: this.page }).setLegacyMode(true)
      if (colorScheme === 'dark') axe.withRules(['color-contrast'])
      const { violations } = await axe.analyze()
      const found = violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
      }))
      expect(found, `${name}, ${colorScheme}`).toEqual([])
    }
    await this.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }

  log(): string {
    const path = join(this.home, 'arche.log')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  /** Errors in the program's log that the test has caused on purpose. */
  forgiveLog(text: string): void {
    this.#forgiven.push(text)
  }

  /** Entries of the log, with their stacks, that tell of an error nobody caused on purpose. */
  errors(): string[] {
    const entries = this.log().split(/\n(?! )/)
    return entries.filter((entry) => / error /.test(entry) && !this.#forgiven.some((text) => entry.includes(text)))
  }

  /** Process number of whoever owns the data folder: the highest of the numbered claims. */
  owner(): number | undefined {
    const claims = readdirSync(this.home).flatMap((name) => /^owner-(\d+)\.json$/.exec(name)?.[1] ?? [])
    const last = Math.max(...claims.map(Number))
    const Claim = z.object({ pid: z.number() })
    return claims.length === 0
      ? undefined
      : Claim.parse(JSON.parse(readFileSync(join(this.home, `owner-${last}.json`), 'utf8'))).pid
  }

  copy(from: string, to: string): void {
    cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  }

  /** Ends the program as the system does when the person logs out; nothing if it has ended. */
  async end(): Promise<void> {
    const child = this.#program?.process()
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    this.#program = undefined
  }

  async close(): Promise<void> {
    await this.end()
    this.drives.pullAll()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A test with a computer of its own, on the display of its worker; the program's log must stay empty of errors. */
export const test = base.extend<{ desk: Desk }, { display: string | undefined }>({
  display: [
    async ({ browserName: _unused }, use) => {
      if (process.platform !== 'linux') return use(undefined)
      // Never the person's own display: windows would open under their hands, and the size decides what is visible.
      const { name, stop } = await startDisplay()
      process.env.DISPLAY = name
      delete process.env.WAYLAND_DISPLAY
      await use(name)
      await stop()
    },
    { scope: 'worker', auto: true },
  ],
  desk: async ({ browserName: _unused }, use, info) => {
    const desk = new Desk(
      info.titlePath
        .slice(1)
        .join(' ')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 60),
    )
    await use(desk)
    const errors = desk.errors()
    await desk.close()
    expect(errors).toEqual([])
  },
})

export { expect }
