// A store in a folder of a server, by SFTP.
// Guarantees: see Store. An object appears under its name by link or rename after the server has it on its disk, where the server can say so
// (OpenSSH can; the folder itself cannot be flushed by SFTP). Every call ends within a limit; a connection that is lost fails the calls under way with
// `place-unreachable`, and the next call connects anew, to the same host key. When the connection breaks in the very moment in which an object gets its
// name, the call fails and the object may be there, whole. Temporary files of ours that a broken connection left go with the next connection, those of
// dead writers with the next put into their folder, those of living ones never. Symlinks are neither followed nor listed.
// Does not make the folder of the store, and keeps no secret longer than it is open.
import { Failure } from '../api/failure.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { ownPrefix, temporaryName } from '../lib/files.ts'
import { decodeName, encodeName } from '../lib/paths.ts'
import { abortable, type StartTimer, startTimer } from '../lib/patience.ts'
import { checkName, checkRange } from './names.ts'
import { type Attributes, isFile, isFolder, openFor, Refusal, type SftpCalls } from './sftp-calls.ts'
import { type Connector, connector, type SftpOptions, type SftpSpec } from './sftp-connection.ts'
import { serverOf } from './sftp-login.ts'
import { publishNew, publishOver } from './sftp-publish.ts'
import { allNames, resumedName, sweep } from './sftp-sweep.ts'
import { download, upload } from './sftp-transfer.ts'
import { attempt, inWords, type Subject } from './sftp-words.ts'
import type { GetOptions, PutOptions, Stat, Store, Traits } from './store.ts'

/** What one put writes beyond this at the end of a half-full disk cannot tell us why it failed, in bytes. */
const nearlyFull = 8 * 1024 * 1024

/** The last bytes of a file that is continued are sent again: what was under way when the line broke need not have arrived. */
const again = 8 * 1024 * 1024

/** How long a call that has failed cleans up at most, in ms. */
const cleanUp = 5000

/**
 * Logs in and looks at the folder. Failures: those of `logIn` (sftp-login.ts), `place-folder-missing`, `bad-input` (not a folder), `denied`.
 * `password` and `key`: see Secrets.
 */
export function openSftp(spec: SftpSpec, options: SftpOptions): Promise<Store> {
  return openSftpOver(connector(spec, options), spec, options)
}

/** The same over a connection that others share; it is closed with the store, and when the folder cannot be used. */
export async function openSftpOver(connect: Connector, spec: SftpSpec, options: SftpOptions): Promise<Store> {
  const store = new SftpStore(spec, connect, options.startTimer ?? startTimer)
  try {
    await store.begin(options.signal)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

class SftpStore implements Store {
  readonly traits: Traits
  readonly #server: string
  readonly #shown: string
  /** The folder itself. */
  readonly #top: Buffer
  /** What stands before the name of an object. */
  readonly #base: Buffer
  readonly #connector: Connector
  readonly #startTimer: StartTimer
  /** Folders whose abandoned temporary files have been removed. */
  readonly #swept = new Set<string>()
  /** Temporary files that could not be removed, because the connection was gone. */
  readonly #left = new Set<string>()

  constructor(spec: SftpSpec, connect: Connector, timers: StartTimer) {
    this.#startTimer = timers
    this.#server = serverOf(spec)
    this.#shown = spec.path === '' ? '.' : spec.path
    const path = spec.path === '/' ? '/' : spec.path.replace(/\/+$/, '')
    this.#top = encodeName(path === '' ? '.' : path)
    this.#base = encodeName(path === '' || path === '/' ? path : `${path}/`)
    this.#connector = connect
    this.traits = { label: `${spec.user}@${this.#server}:${this.#shown}`, ranges: true, atomicPut: true, parallel: 4 }
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    const found = await this.#call('', async (calls) => abortable(calls.look(this.#top, true), signal), signal)
    if (!found) throw new Failure('place-folder-missing', { name: this.#server, path: this.#shown })
    if (!isFolder(found)) throw new Failure('bad-input', { reason: this.#shown, rule: 'not a folder' })
  }

  async put(name: string, body: Bytes, options: PutOptions = {}): Promise<Stat> {
    checkName(name)
    throwIfCancelled(options.signal)
    const calls = await this.#calls(options.signal)
    const subject = this.#subject(name)
    const folder = await this.#makeFolders(calls, name)
    if (!options.replace && (await this.#look(calls, name))) throw new Failure('exists', { name })
    const file = await this.#write(calls, { name, folder, body, options })
    let left = true
    try {
      throwIfCancelled(options.signal)
      const publish = options.replace ? publishOver : publishNew
      const parts = {
        folder: this.#path(folder),
        temporary: encodeName(file.temporary),
        name: encodeName(lastPart(name)),
      }
      left = await attempt(subject, () => publish(calls, parts))
      const found = await this.#look(calls, name)
      if (!found || !isFile(found) || found.size !== file.size) throw new Failure('changed', { name })
      return described(name, found)
    } catch (error) {
      const taken = error instanceof Failure && error.code === 'exists'
      throw taken ? new Failure('exists', { name }, { cause: error.cause }) : error
    } finally {
      // Also the second name of an object that was published by a link.
      if (left) await this.#discard(calls, folder + file.temporary)
    }
  }

  /** Writes the body under a temporary name and closes the file; resolves with that name and the size. */
  async #write(calls: SftpCalls, order: Order): Promise<{ temporary: string; size: number }> {
    const { name, folder, body, options } = order
    const subject = this.#subject(name)
    const temporary = options.resume === undefined ? temporaryName() : resumedName(options.resume)
    const path = this.#path(folder + temporary)
    const flags = options.resume === undefined ? openFor.creating : openFor.continuing
    const handle = await this.#create(calls, { path, flags, subject }).catch((error) => {
      // The answer may have been a yes.
      if (calls.line.lost) this.#left.add(folder + temporary)
      throw error
    })
    try {
      const opened = await attempt(subject, () => calls.attributesOf(handle))
      await this.#sweepOnce(calls, folder, opened.mtime ?? Date.now())
      const skip = options.resume === undefined ? 0 : Math.max((opened.size ?? 0) - again, 0)
      const size = await upload({ calls, handle, signal: options.signal }, body, skip)
      if (calls.able.flush) await attempt(subject, () => abortable(calls.flush(handle), options.signal))
      const written = await attempt(subject, () => calls.attributesOf(handle))
      await attempt(subject, () => calls.close(handle))
      if (written.size !== size) throw new Failure('place-refused', this.#details(name, `${written.size} / ${size}`))
      return { temporary, size }
    } catch (error) {
      const known = error instanceof Refusal ? await this.#explained(calls, error, subject) : error
      if (!keepsPart(options, known)) {
        await this.#discard(calls, folder + temporary, handle)
      }
      throw known
    }
  }

  async #create(calls: SftpCalls, file: { path: Buffer; flags: number; subject: Subject }): Promise<Buffer> {
    const { path, flags, subject } = file
    try {
      return await attempt(subject, () => calls.open(path, flags))
    } catch (error) {
      if (error instanceof Failure && error.code === 'not-found')
        throw new Failure('place-folder-missing', { name: this.#server, path: this.#shown }, { cause: error })
      throw error instanceof Failure && error.cause instanceof Refusal
        ? await this.#explained(calls, error.cause, subject)
        : error
    }
  }

  /** Why writing was refused, where the disk of the server tells more than its answer. */
  async #explained(calls: SftpCalls, refusal: Refusal, subject: Subject): Promise<unknown> {
    const failure = inWords(refusal, subject)
    if (!(failure instanceof Failure) || failure.code !== 'place-refused' || !calls.able.space) return failure
    const space = await calls.space(this.#top).catch(() => undefined)
    if (space?.readOnly) return new Failure('denied', failure.details, { cause: refusal })
    if (space && space.free < nearlyFull) return new Failure('no-space', failure.details, { cause: refusal })
    return failure
  }

  async *get(name: string, options: GetOptions = {}): Bytes {
    checkName(name)
    throwIfCancelled(options.signal)
    const calls = await this.#calls(options.signal)
    const found = await abortable(this.#look(calls, name), options.signal)
    if (!found || !isFile(found)) throw new Failure('not-found', { name })
    const subject = this.#subject(name)
    const handle = await attempt(subject, () => calls.open(this.#path(name), openFor.reading))
    try {
      const { size = 0 } = await attempt(subject, () => calls.attributesOf(handle))
      const { start, end } = checkRange(name, size, options.range)
      const bytes = download({ calls, handle, signal: options.signal }, { name, start, end })[Symbol.asyncIterator]()
      for (;;) {
        // Only what the server says is put into words here, not what the reader of these bytes throws.
        const next = await attempt(subject, () => bytes.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      // The server forgets it with the connection at the latest.
      calls.close(handle).catch(() => undefined)
    }
  }

  async stat(name: string): Promise<Stat | undefined> {
    checkName(name)
    const found = await this.#look(await this.#calls(), name)
    return found && isFile(found) ? described(name, found) : undefined
  }

  async *list(prefix = '', fits: (name: string) => boolean = () => true): AsyncIterable<Stat> {
    yield* this.#walk(await this.#calls(), '', { prefix, fits })
  }

  async blocked(name: string): Promise<boolean> {
    checkName(name)
    const found = await this.#look(await this.#calls(), name)
    return found !== undefined && !isFile(found)
  }

  async remove(name: string): Promise<void> {
    checkName(name)
    const calls = await this.#calls()
    const found = await this.#look(calls, name)
    if (!found || !isFile(found)) return
    try {
      await attempt(this.#subject(name), () => calls.remove(this.#path(name)))
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'not-found') throw error
    }
  }

  async free(): Promise<number | undefined> {
    return this.#call('', async (calls) => (calls.able.space ? (await calls.space(this.#top)).free : undefined))
  }

  async close(): Promise<void> {
    this.#swept.clear()
    // What a broken line kept from being removed would lie there for a day: one more try, if the server is there.
    if (this.#left.size > 0) await this.#soon(this.#calls())
    await this.#connector.close()
  }

  async #calls(signal?: AbortSignal): Promise<SftpCalls> {
    const calls = await this.#connector.calls(signal)
    const left = [...this.#left]
    this.#left.clear()
    await Promise.all(left.map((name) => this.#discard(calls, name)))
    return calls
  }

  async #call<T>(name: string, deed: (calls: SftpCalls) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const calls = await this.#calls(signal)
    return attempt(this.#subject(name), () => deed(calls))
  }

  /** What lies under a name; undefined when there is nothing, or a folder on the way is missing or is a symlink. */
  async #look(calls: SftpCalls, name: string): Promise<Attributes | undefined> {
    const folders = foldersOf(name).map((folder) => calls.look(this.#path(folder)))
    const own = calls.look(this.#path(name))
    return attempt(this.#subject(name), async () => {
      const found = await Promise.all([own, ...folders])
      return found.slice(1).every((folder) => folder && isFolder(folder)) ? found[0] : undefined
    })
  }

  /** Makes the folders of a name; resolves with the innermost, with `/` at its end, or nothing. */
  async #makeFolders(calls: SftpCalls, name: string): Promise<string> {
    for (const folder of foldersOf(name)) {
      const path = this.#path(folder)
      const look = () => attempt(this.#subject(name), () => calls.look(path))
      let found = await look()
      if (!found) {
        const refused = await calls.makeFolder(path).then(
          () => undefined,
          (error: unknown) => error,
        )
        found = await look()
        // Made by another writer in the meantime is as good.
        if (refused !== undefined && !found) throw inWords(refused, this.#subject(folder))
      }
      if (!found || !isFolder(found)) throw new Failure('bad-input', { name, reason: name, rule: 'not a folder' })
    }
    return name.slice(0, name.lastIndexOf('/') + 1)
  }

  async *#walk(calls: SftpCalls, folder: string, wanted: Wanted): AsyncIterable<Stat> {
    const { prefix, fits } = wanted
    for (const entry of await this.#read(calls, folder)) {
      if (entry.name.toString('latin1').startsWith(ownPrefix)) continue
      const name = folder + decodeName(entry.name)
      const inside = `${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)
      if (!inside && !name.startsWith(prefix)) continue
      const found = await this.#told(calls, name, entry.attributes)
      if (isFolder(found) && inside && fits(`${name}/`)) yield* this.#walk(calls, `${name}/`, wanted)
      if (isFile(found) && name.startsWith(prefix) && fits(name)) yield described(name, found)
    }
  }

  /** What the listing says of an entry; asked for where it leaves out what we need. */
  async #told(calls: SftpCalls, name: string, listed: Attributes): Promise<Attributes> {
    if (listed.mode !== undefined && listed.size !== undefined) return listed
    return (await attempt(this.#subject(name), () => calls.look(this.#path(name)))) ?? {}
  }

  async #read(calls: SftpCalls, folder: string) {
    try {
      return await attempt(this.#subject(folder.slice(0, -1)), () => allNames(calls, this.#folder(folder)))
    } catch (error) {
      const code = error instanceof Failure ? error.code : undefined
      if (folder !== '' && code === 'not-found') return []
      // The repair folder at the top of an ext file system belongs to root and is never part of a store.
      if (folder === 'lost+found/' && code === 'denied') return []
      if (code === 'not-found')
        throw new Failure('place-folder-missing', { name: this.#server, path: this.#shown }, { cause: error })
      throw error
    }
  }

  /** Removes what dead writers have left in a folder. `now` in ms since 1970, by the clock of the server. */
  async #sweepOnce(calls: SftpCalls, folder: string, now: number): Promise<void> {
    if (this.#swept.has(folder)) return
    this.#swept.add(folder)
    await sweep(calls, { folder: this.#folder(folder), prefix: this.#path(folder), now })
  }

  /** Removes a temporary file, now or with the next call. Never waits for long, and never fails: what happened before is what must be reported. */
  async #discard(calls: SftpCalls, name: string, handle?: Buffer): Promise<void> {
    if (handle) calls.close(handle).catch(() => undefined)
    const answered = await this.#soon(calls.remove(this.#path(name)))
    if (!answered || calls.line.lost) this.#left.add(name)
  }

  /** True once there is an answer, whatever it is; false when it does not come soon. */
  #soon(promise: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#startTimer(cleanUp, () => resolve(false))
      promise
        .catch(() => undefined)
        .finally(() => {
          timer.stop()
          resolve(true)
        })
    })
  }

  /** Bytes of a path on the server. */
  #path(name: string): Buffer {
    return Buffer.concat([this.#base, encodeName(name)])
  }

  #folder(name: string): Buffer {
    return name === '' ? this.#top : this.#path(name)
  }

  #subject(name: string): Subject {
    return { name, server: this.#server, path: `${decodeName(this.#base)}${name}` || this.#shown }
  }

  #details(name: string, reason: string) {
    return { name: this.#server, path: this.#subject(name).path, reason }
  }
}

interface Order {
  readonly name: string
  /** With `/` at its end, or nothing. */
  readonly folder: string
  readonly body: Bytes
  readonly options: PutOptions
}

interface Wanted {
  readonly prefix: string
  readonly fits: (name: string) => boolean
}

/** The folders on the way to a name, outermost first, without `/` at their end. */
function foldersOf(name: string): string[] {
  return [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index))
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

function described(name: string, { size = 0, mtime = 0 }: Attributes): Stat {
  return { name, size, mtime }
}

/** A put that can be continued leaves what it has sent when the line broke or somebody stopped it. */
function keepsPart({ resume }: PutOptions, error: unknown): boolean {
  return resume !== undefined && error instanceof Failure && ['place-unreachable', 'cancelled'].includes(error.code)
}
