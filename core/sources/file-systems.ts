// What the kind of a file system says about what it says: which hold no data at all, and which can be taken at their word.
// Guarantees: asks Linux (statfs), once a device where the answer is kept; elsewhere every file system is taken at its word.
import { statfsSync } from 'node:fs'
import { fsPath } from '../lib/paths.ts'

/** Linux, include/uapi/linux/magic.h: file systems that only show the kernel's state. Autofs counts too: looking would mount. */
const kernelOwn = new Set([
  0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x6165676c,
  0xde5e81e4, 0x62656570, 0x958458f6, 0x19800202, 0x65735543, 0x0187, 0x42494e4d, 0xf97cff8c, 0x6e736673,
])

/** ext2 to 4, XFS, Btrfs, tmpfs, ramfs, F2FS, ZFS, overlayfs, JFS, ReiserFS, NILFS, bcachefs, SquashFS. */
const ofDisks = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0xf2f52010, 0x2fc12fc1, 0x794c7630, 0x3153464a, 0x52654973,
  0x3434, 0xca451a4e, 0x73717368,
])

function typeOf(path: string | Buffer): number | undefined {
  try {
    return statfsSync(path).type >>> 0
  } catch {
    // Cannot be asked: reading it will tell.
    return undefined
  }
}

export function isKernelOwn(at: string): boolean {
  return process.platform === 'linux' && kernelOwn.has(typeOf(fsPath(at)) ?? 0)
}

/**
 * Which devices hold a file system of the kernel's own disks: one inode number is one file, a read that brings less than was asked for has
 * reached the end, and blocks are counted as they are. Network file systems and FUSE promise none of it.
 */
export class Disks {
  readonly #known = new Map<bigint, boolean>()

  /** `way`: something on the device, by its path or as an open file. */
  has(device: bigint, way: string | Buffer | number): boolean {
    if (process.platform !== 'linux') return true
    let known = this.#known.get(device)
    if (known === undefined) {
      known = ofDisks.has(typeOf(typeof way === 'number' ? `/proc/self/fd/${way}` : way) ?? 0)
      this.#known.set(device, known)
    }
    return known
  }
}
