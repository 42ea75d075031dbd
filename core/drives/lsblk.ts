// Drives on Linux: `lsblk` from the PATH, read by drivelist.
// drivelist's own call is not used, for three reasons: it waits for ever when lsblk hangs on a dying device; after one failure it falls back
// for good to an older output that cannot tell a USB disk from a built-in one; and it sees only the direct children of a disk, so neither an
// encrypted stick (LUKS) nor LVM. The command line and the reading of its answer are drivelist's.
import type { Drive as Listed, Mountpoint } from 'drivelist'
import { transform } from 'drivelist/js/lsblk/json.js'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { once } from '../lib/once.ts'
import { run } from '../lib/process.ts'

/** The parts of lsblk's answer that concern mounts; the rest passes through. */
interface Node {
  name: string
  label?: string | null | undefined
  partlabel?: string | null | undefined
  fstype?: string | null | undefined
  mountpoint?: string | null | undefined
  mountpoints?: (string | null)[] | undefined
  children?: Node[] | undefined
}

const Answer = once(() => {
  const Text = z.string().nullish()
  const Node: z.ZodType<Node> = z.looseObject({
    name: z.string(),
    label: Text,
    partlabel: Text,
    fstype: Text,
    mountpoint: Text,
    mountpoints: z.array(z.string().nullable()).optional(),
    get children() {
      return z.array(Node).optional()
    },
  })
  return z.object({ blockdevices: z.array(Node) })
})

/** A drive as drivelist describes it, with the file system type of each mount as lsblk knows it. */
export interface BlockDrive extends Listed {
  readonly mountpoints: (Mountpoint & { fsType?: string })[]
}

/** Milliseconds: lsblk answers in a few, unless a device is dying. */
const patience = 10_000

/** Failures: `tool-missing`, `tool-failed`, `cancelled`. */
export async function listBlockDrives(signal?: AbortSignal): Promise<BlockDrive[]> {
  const args = ['--bytes', '--all', '--json', '--paths', '--output-all']
  const { stdout } = await run('lsblk', args, signal ? { signal, patience } : { patience })
  const devices = parse(stdout)
  const mounts = new Map(devices.map((device) => [device.name, mountpoints(device)]))
  const drives = transform({ blockdevices: devices.map(flattened) } as unknown as Parameters<typeof transform>[0])
  return drives.map((drive) => ({ ...drive, mountpoints: mounts.get(drive.device) ?? [] }))
}

function parse(stdout: string): Node[] {
  try {
    return Answer().parse(JSON.parse(stdout)).blockdevices
  } catch (error) {
    throw new Failure('tool-failed', { tool: 'lsblk', status: 0, stderr: stdout.slice(0, 200) }, { cause: error })
  }
}

/** drivelist looks one level deep: what is below a partition (LUKS, LVM) is moved up, for its description. */
function flattened(device: Node): Node {
  return device.children ? { ...device, children: device.children.flatMap(family) } : device
}

function family(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(family)]
}

/** Where a disk or anything on it is mounted, each place once; swap space is no place. */
function mountpoints(device: Node): (Mountpoint & { fsType?: string })[] {
  const found = new Map<string, Mountpoint & { fsType?: string }>()
  for (const node of family(device)) {
    for (const path of [node.mountpoint, ...(node.mountpoints ?? [])]) {
      if (!path?.startsWith('/') || found.has(path)) continue
      const label = node.label || node.partlabel || null
      found.set(path, node.fstype ? { path, label, fsType: node.fstype } : { path, label })
    }
  }
  return [...found.values()]
}
