// What a tree is made of, as far as it matters for how small it becomes: files of formats that are compressed already, by their names, and a sample
// of all others, taken while they are counted. Measured: expected.ts.
// Guarantees: the same tree gives the same sample, in whatever order and by however many threads it is counted; memory is some dozens of files.
import { basename, extname } from 'node:path'

/** A file that stands for others. */
export interface Sampled {
  readonly at: string
  /** Bytes that it takes in a tar archive, about. */
  readonly weight: number
  /** Its weight, divided by what chance gave it (0 < chance ≤ 1). */
  readonly priority: number
}

/** Plain values, for a thread border. All numbers are bytes in a tar archive, about. */
export interface ContentCount {
  /** Of files whose format is compressed. */
  readonly packed: number
  /** Of all others, and of what a tar archive says of every file. */
  readonly other: number
  /** At the most `sampleSize` + 1; those of the highest priority. */
  readonly sample: readonly Sampled[]
}

/**
 * With so many files of a share that is between 0 and 1 each, picked in proportion to their sizes, the share of all is known to 1/√64/2 = 6 % (one
 * standard deviation, at the worst).
 */
export const sampleSize = 64

/** Formats whose content does not become smaller; what is not here is looked at. */
const packedNames = new Set(
  [
    'jpg jpeg jpe png gif webp heic heif avif jxl jp2 mp3 m4a m4b aac ogg oga opus flac wma ape mp4 m4v mov mkv webm avi wmv mpg mpeg m2ts 3gp flv',
    'zip gz tgz bz2 tbz2 xz txz zst tzst lz4 lzma lz br 7z rar cab zipx jar war apk aab ipa whl egg nupkg deb rpm snap flatpak msi appimage squashfs',
    'docx xlsx pptx odt ods odp odg epub kmz gpg pgp age aes',
  ].flatMap((names) => names.split(' ')),
)

/** What a tar archive says of a file: three blocks, where its time is exact. */
export const headers = 3 * 512

/** Headers, and half a block behind the content. */
const around = headers + 256

export class ContentSample {
  #packed = 0
  #other = 0
  #sample: Sampled[] = []
  /** No file of a lower priority is among those that are kept. */
  #least = 0

  /** `size` in bytes; `disk`: what it takes without its holes. */
  add(at: string, size: number, disk: number): void {
    // Its headers compress like the others' content.
    if (isPacked(at)) {
      this.#packed += disk
      this.#other += around
      return
    }
    const weight = size + around
    this.#other += weight
    this.#keep({ at, weight, priority: weight / chanceOf(at) })
  }

  merge({ packed, other, sample }: ContentCount): void {
    this.#packed += packed
    this.#other += other
    for (const one of sample) this.#keep(one)
  }

  count(): ContentCount {
    this.#thin()
    return { packed: this.#packed, other: this.#other, sample: this.#sample }
  }

  #keep(one: Sampled): void {
    if (one.priority <= this.#least) return
    this.#sample.push(one)
    if (this.#sample.length > 8 * sampleSize) this.#thin()
  }

  #thin(): void {
    this.#sample.sort((one, other) => other.priority - one.priority || (one.at < other.at ? -1 : 1))
    this.#sample = this.#sample.slice(0, sampleSize + 1)
    if (this.#sample.length > sampleSize) this.#least = this.#sample.at(-1)?.priority ?? 0
  }
}

export function isPacked(at: string): boolean {
  return packedNames.has(extname(basename(at)).slice(1).toLowerCase())
}

/** A number above 0 and up to 1 that a path always has (FNV-1a, its bits mixed as in MurmurHash3). */
export function chanceOf(at: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < at.length; index += 1) hash = Math.imul(hash ^ at.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 1) / 2 ** 32
}
