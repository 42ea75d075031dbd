// What files have beside their content, from end to end: after a backup and a restore rsync finds nothing to do, and neither after `tar`; archives of
// GNU tar and bsdtar bring theirs along; what an ordinary user may not set, and what a file system cannot hold, is told.
import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { arche, keyPassword } from '../support/arche.ts'
import { requireRoot } from '../support/root.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

beforeAll(requireRoot)

/** Of nobody on this machine. */
const bob = { uid: 54_321, gid: 54_321, group: 54_322 }

function sh(script: string, cwd: string): string {
  return execFileSync('bash', ['-ec', script], {
    cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  }).toString()
}

/** A tree with everything that is kept. */
const everything = `
  echo hello > plain; chmod 640 plain; touch -d '2021-03-04 05:06:07.123456789' plain
  echo a > user; setfattr -n user.x -v 0x610a00620d user; setfattr -n user.empty user; setfattr -n 'user.a=b%c' -v eq user; ln user hard
  echo b > trusted; setfattr -n trusted.t -v 0x00ff trusted; chmod 444 trusted
  cp /bin/true caps; chown 1234:4321 caps; setcap cap_net_raw+ep caps
  echo c > acl; setfacl -m u:daemon:rw,u:4242:r,g:99999:x acl
  mkdir folder; setfacl -m g:bin:rx folder; setfacl -d -m u:daemon:rwx,g:7777:r folder; setfattr -n user.f -v 1 folder; echo d > folder/inside
  mkdir deep; echo e > deep/read-only; setfattr -n user.r -v 1 deep/read-only; chmod 0400 deep/read-only; chmod 0500 deep
  ln -s nowhere link; setfattr -h -n trusted.l -v sym link; touch -h -d '1961-02-03 04:05:06.000000001' link
  cp /bin/true setuid; chown daemon setuid; chmod 4755 setuid; mkdir setgid; chgrp 7777 setgid; chmod 2775 setgid
  truncate -s 20M sparse; echo m | dd of=sparse bs=1 seek=9000000 conv=notrunc status=none
  echo n | dd of=sparse bs=1 seek=20971518 conv=notrunc status=none; ln sparse sparse-hard
  truncate -s 300K small; echo o | dd of=small bs=1 seek=200000 conv=notrunc status=none; setfattr -n user.s -v 1 small
  truncate -s 40M hole; truncate -s 64K little; truncate -s 3M begins; echo p | dd of=begins conv=notrunc status=none
  truncate -s 2M "$(printf 'sp\\344rse')"
  touch -d '1909-01-01 00:00:00.5' old; touch -d '1969-12-31 23:59:59.999999999' nearly
  head -c 3000000 /dev/urandom > large; setfattr -n user.l -v 1 large
  touch -d '2020-01-01 00:00:00.000000001' folder deep setgid .`

/** Contents, links, modes, owners, times to the nanosecond, attributes, access lists: what differs, as rsync names it. */
function differences(one: string, other: string): string {
  return sh(
    `rsync -aHAXnc --delete --itemize-changes '${one}/' '${other}/'; diff <(${blocks(one)}) <(${blocks(other)})`,
    '/',
  )
}

/** Blocks of files on the disk: holes are where they were. */
function blocks(folder: string): string {
  return `cd '${folder}' && find . -type f -printf '%p %b %T@\\n' | sort`
}

/** The tar within a backup. */
function opened(at: Scene, name = archives(at.stick)[0] ?? ''): string {
  const script = `export GNUPGHOME="$(mktemp -d)"; trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
    gpg -q --batch --pinentry-mode loopback --passphrase "$PASSWORD" --import kpri.*.asc 2>/dev/null
    gpg -q --batch --pinentry-mode loopback --passphrase "$PASSWORD" -d ${name} 2>/dev/null | gunzip > ../x.tar`
  const cwd = join(at.stick, 'SIGL_sauvegardes')
  execFileSync('bash', ['-ec', script], { cwd, env: { ...process.env, PASSWORD: keyPassword } })
  return join(at.stick, 'x.tar')
}

/** Something that another program has packed, as a backup on the medium. */
function planted(at: Scene, tar: string): string {
  const name = 'backup_v30_other_2030-01-01_00h00m00s.tar.gz.gpg'
  const script = `export GNUPGHOME="$(mktemp -d)"; trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
    gpg -q --batch --import ${at.home}/keys/kpub.*.asc 2>/dev/null; key=$(basename ${at.home}/keys/kpub.*.asc | cut -d. -f2)
    gzip -1 < '${tar}' | gpg -q --batch --trust-model always -r "$key" -e > ${name}`
  execFileSync('bash', ['-ec', script], { cwd: join(at.stick, 'SIGL_sauvegardes') })
  return name
}

function tree(at: Scene): string {
  const folder = join(at.folder, 'everything')
  mkdirSync(folder)
  sh(everything, folder)
  return folder
}

describe('as root', () => {
  it('rsync finds nothing to do after a restore by Arche, nor after one by GNU tar', async () => {
    const at = scene()
    const source = tree(at)
    const saved = await arche(at, ['backup', source, '--to', at.stick])
    expect(saved.code, saved.err).toBe(0)
    // A folder that hands its own list down: nothing that is restored into it gets that.
    mkdirSync(join(at.folder, 'back'))
    sh('setfacl -d -m u:1:rwx back', at.folder)
    const restored = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'back', '--yes'])
    expect(restored.code, restored.err).toBe(0)
    expect(differences(source, join(at.folder, 'back/everything'))).toBe('')

    const tar = opened(at)
    expect(statSync(tar).size).toBeLessThan(5_000_000)
    mkdirSync(join(at.folder, 'tar'))
    sh(`tar --xattrs --xattrs-include='*' --acls --warning=no-timestamp -xpf '${tar}' -C tar`, at.folder)
    expect(differences(source, join(at.folder, 'tar/everything'))).toBe('')
    sh(`tar --xattrs --acls --warning=no-timestamp -df '${tar}'`, at.folder)

    const listed = await arche(at, ['list', 'latest', '--from', at.stick, '--json'])
    expect(listed.out).toContain('"path":"everything/sparse","kind":"file","size":20971520')
    const chosen = join(source, 'small')
    sh('rm small', source)
    const one = await arche(at, [
      'restore',
      'latest',
      '--from',
      at.stick,
      '--only',
      chosen,
      '--existing',
      'skip',
      '--yes',
    ])
    expect(one.code, one.err).toBe(0)
    expect(sh(`rsync -aHAXnc --itemize-changes ${chosen} '${at.folder}/back/everything/'`, '/')).toBe('')
  })

  it.each([
    ['GNU tar', `tar --xattrs --xattrs-include='*' --acls -S --format=pax -cf ../other.tar everything`],
    ['bsdtar', 'bsdtar --format pax --xattrs --acls -cf ../other.tar everything'],
  ])('what %s has packed comes back the same', async (_, command) => {
    const at = scene()
    mkdirSync(join(at.folder, 'w'))
    const source = join(at.folder, 'w/everything')
    mkdirSync(source)
    // bsdtar has a name twice where it is no UTF-8, writes times before 1970 in its own way, and none of what symlinks have.
    sh(`${everything}; rm sp*rse; touch old nearly; rm link; touch -d '2020-01-01 00:00:00.000000001' .`, source)
    sh(command, join(at.folder, 'w'))
    const name = planted(at, join(at.folder, 'other.tar'))
    const restored = await arche(at, ['restore', name, '--from', at.stick, '--into', 'back', '--yes'])
    expect(restored.code, restored.err).toBe(0)
    expect(differences(source, join(at.folder, 'back/everything'))).toBe('')
  })

  it('an undo gives a folder that was there its attributes, access list and time back', async () => {
    const at = scene()
    const source = tree(at)
    await arche(at, ['backup', source, '--to', at.stick])
    const there = join(at.folder, 'back/everything')
    mkdirSync(join(there, 'folder'), { recursive: true })
    sh(
      'setfacl -m u:12:rwx folder; setfattr -n user.own -v 1 folder; touch -d "1999-01-01 00:00:00.123456789" folder .',
      there,
    )
    sh(`cp -a '${there}' '${at.folder}/before'`, '/')
    const restored = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'back', '--yes'])
    expect(sh('getfattr folder', there)).toContain('user.f')
    const number = /arche restore --undo (\w+)/.exec(restored.out)?.[1] ?? ''
    const undone = await arche(at, ['restore', '--undo', number, '--yes'])
    expect(undone.code, undone.err).toBe(0)
    expect(differences(join(at.folder, 'before'), there)).toBe('')
  })

  it('times that no calendar has come back where the file system holds them, and are told where it does not', async () => {
    const at = scene()
    const mounted = join(at.folder, 'ram')
    mkdirSync(mounted)
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mounted])
    onTestFinished(() => {
      execFileSync('umount', ['-l', mounted])
    })
    mkdirSync(join(mounted, 'times'))
    sh(
      `for t in 884541340800 140150000000000 8589934592 9000000000000000 -62135596800 -9000000000000000; do touch -d @$t.5 times/$t; done
       touch -d @253402300800.25 times`,
      mounted,
    )
    await arche(at, ['backup', join(mounted, 'times'), '--to', at.stick])
    const back = await arche(at, [
      'restore',
      'latest',
      '--from',
      at.stick,
      '--into',
      mounted,
      '--existing',
      'keep-both',
      '--yes',
    ])
    expect(back.code, back.err).toBe(0)
    const again = readdirSync(mounted).find((name) => name !== 'times' && name.startsWith('times'))
    const stat = `for f in *; do stat -c '%n %.9Y' -- "$f"; done`
    expect(sh(stat, join(mounted, again ?? 'times'))).toBe(sh(stat, join(mounted, 'times')))
    expect((await arche(at, ['list', 'latest', '--from', at.stick])).code).toBe(0)
    expect((await arche(at, ['verify', 'latest', '--from', at.stick])).code).toBe(0)

    const elsewhere = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'disk', '--yes'])
    expect(elsewhere.code, elsewhere.err).toBe(3)
    expect(elsewhere.err).toContain('this disk does not hold such a time')
    expect(elsewhere.err).toContain(join(at.folder, 'disk/times'))
  })

  it('owners that cannot be are told, and nothing else is lost', async () => {
    const at = scene()
    const script = `import tarfile, io
t = tarfile.open('other.tar', 'w', format=tarfile.PAX_FORMAT)
for i, uid in enumerate((0, 4294967295, 4294967296, 99999999999)):
    m = tarfile.TarInfo('top/f%d' % i); m.size = 2; m.uid = uid; m.mode = 0o4755; t.addfile(m, io.BytesIO(b'hi'))
t.close()`
    execFileSync('python3', ['-c', script], { cwd: at.folder })
    const name = planted(at, join(at.folder, 'other.tar'))
    const restored = await arche(at, ['restore', name, '--from', at.stick, '--into', 'back', '--yes'])
    expect(restored.code, restored.err).toBe(3)
    expect(restored.err).toContain('3 files or folders were restored with another owner')
    expect(readdirSync(join(at.folder, 'back/top'))).toEqual(['f0', 'f1', 'f2', 'f3'])
    expect(lstatSync(join(at.folder, 'back/top/f0')).mode & 0o7777).toBe(0o4755)
    expect(lstatSync(join(at.folder, 'back/top/f2')).mode & 0o7777).toBe(0o755)
  })
})

describe('as an ordinary user', () => {
  /** Bob, who is in these groups. */
  const as = (...groups: readonly number[]) => ({
    through: ['setpriv', `--reuid=${bob.uid}`, `--regid=${bob.gid}`, `--groups=${groups.join(',')}`],
  })

  it('groups that are theirs come back, and user attributes; others are told', async () => {
    const at = scene()
    const shared = join(at.folder, 'shared')
    mkdirSync(shared)
    writeFileSync(join(shared, 'f'), 'x')
    sh('setfattr -n user.u -v 1 f; setfacl -m u:4242:r f', shared)
    sh(`chown -R ${bob.uid}:${bob.gid} .`, at.folder)
    chownSync(shared, bob.uid, bob.group)
    chownSync(join(shared, 'f'), bob.uid, bob.group)
    sh('chmod 2775 .; chmod 2755 f', shared)
    sh('cp -a shared before', at.folder)
    const options = as(bob.gid, bob.group)
    const saved = await arche(at, ['backup', shared, '--to', at.stick], options)
    expect(saved.code, saved.err).toBe(0)
    const restored = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'back', '--yes'], options)
    expect(restored.code, restored.err).toBe(0)
    expect(differences(join(at.folder, 'before'), join(at.folder, 'back/shared'))).toBe('')

    // Without the group: told, and no right of the group for anybody.
    const poorer = as(bob.gid)
    const lost = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'poor', '--yes'], poorer)
    expect(lost.code, lost.err).toBe(3)
    expect(lost.err).toContain('2 files or folders were restored with another owner')
    expect(statSync(join(at.folder, 'poor/shared/f')).mode & 0o7000).toBe(0)
  })
  it('attributes that only root may set are told once, with their names', async () => {
    const at = scene()
    sh(
      'setfattr -n trusted.t -v 1 docs/run.sh; setcap cap_net_raw+ep docs/run.sh; setfattr -n trusted.t -v 1 docs',
      at.folder,
    )
    await arche(at, ['backup', at.docs, '--to', at.stick])
    sh(`chown -R ${bob.uid}:${bob.gid} .`, at.folder)
    const restored = await arche(at, ['restore', 'latest', '--from', at.stick, '--into', 'back', '--yes'], as(bob.gid))
    expect(restored.code, restored.err).toBe(3)
    expect(restored.err.match(/without all their extended attributes/g)).toHaveLength(1)
    expect(restored.err).toMatch(
      /2 files or folders were restored .* access lists, for example .*trusted\.t, security\.capability|security\.capability, trusted\.t/s,
    )
  })
})
