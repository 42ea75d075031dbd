// Sticks that can be plugged in and pulled out without hardware: a scripted `lsblk` on the PATH names them, folders or tmpfs mounts hold them.
// Guarantees: everything behind `lsblk` is real (folders, mounts, free space); nothing of the computer's own disks is shown.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Stick {
  label: string
  path: string
  size: number
  fstype: string
  mounted: boolean
}

export class Drives {
  /** To be put first on the PATH. */
  readonly bin: string
  readonly #answer: string
  readonly #mounts: string
  readonly #sticks = new Map<string, Stick>()

  /** `mounts`: where sticks appear; in `root` unless given. */
  constructor(root: string, mounts = join(root, 'media')) {
    this.bin = join(root, 'bin')
    this.#answer = join(root, 'lsblk.json')
    this.#mounts = mounts
    mkdirSync(this.bin, { recursive: true })
    mkdirSync(this.#mounts, { recursive: true })
    const script = join(this.bin, 'lsblk')
    writeFileSync(script, `#!/bin/sh\nexec cat '${this.#answer}'\n`)
    chmodSync(script, 0o755)
    this.#tell([])
  }

  /** The mount point of a stick, plugged in or not. */
  path(label: string): string {
    return join(this.#mounts, label)
  }

  /** Plugs in a stick. `tmpfs`: size of a real mount of its own, which can be full, read-only, or pulled while it is written to. */
  plugIn(label: string, options: { tmpfs?: string; fstype?: string; size?: number } = {}): string {
    const path = this.path(label)
    mkdirSync(path, { recursive: true })
    const known = this.#sticks.get(label)
    if (options.tmpfs && !known?.mounted) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.tmpfs}`, 'arche-test', path])
    }
    const mounted = options.tmpfs !== undefined || known?.mounted === true
    this.#sticks.set(label, {
      label,
      path,
      size: options.size ?? 16_000_000_000,
      fstype: options.fstype ?? 'ext4',
      mounted,
    })
    this.#tell([...this.#sticks.values()])
    return path
  }

  /** Makes a stick on a tmpfs mount read-only, or writable again. */
  protect(label: string, readOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, this.path(label)])
  }

  /** Pulls a stick: gone from the list, and its mount point is an empty folder from now on, also for whoever is writing. */
  pull(label: string): void {
    const stick = this.#sticks.get(label)
    this.#sticks.delete(label)
    this.#tell([...this.#sticks.values()])
    if (stick?.mounted) execFileSync('umount', ['-l', stick.path])
  }

  /** After the test. */
  pullAll(): void {
    for (const label of [...this.#sticks.keys()]) this.pull(label)
  }

  /** The answer of `lsblk --bytes --all --json --paths --output-all`, as far as anybody reads it. */
  #tell(sticks: Stick[]): void {
    const blockdevices = sticks.map(({ label, path, size, fstype }, index) => {
      const name = `/dev/sd${String.fromCharCode(0x62 + index)}`
      const shared = { ro: false, rm: true, hotplug: true, tran: 'usb', 'phy-sec': 512, 'log-sec': 512 }
      const part = { ...shared, name: `${name}1`, kname: `${name}1`, type: 'part', size, label, fstype }
      const children = [{ ...part, partlabel: null, mountpoint: path, mountpoints: [path] }]
      const disk = { ...shared, name, kname: name, type: 'disk', size, vendor: 'Test', model: 'Stick' }
      return {
        ...disk,
        label: null,
        fstype: null,
        mountpoint: null,
        mountpoints: [null],
        subsystems: 'block:scsi:usb:pci',
        children,
      }
    })
    // Replaced as a whole, because it may be being read.
    writeFileSync(`${this.#answer}.next`, JSON.stringify({ blockdevices }))
    renameSync(`${this.#answer}.next`, this.#answer)
  }
}
