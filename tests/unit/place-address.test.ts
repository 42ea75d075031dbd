// Addresses of places: what people read and type means the same account and folder.
import { describe, expect, it } from 'vitest'
import { addressOf } from '../../core/api/address.ts'
import { parseAddress, StoreSpec } from '../../core/api/place.ts'

const account = { kind: 'sftp' as const, host: 'nas.example.org', user: 'anna' }

describe('address of a place', () => {
  it.each([
    ['sftp://anna@nas.example.org/srv/backups', { path: '/srv/backups' }],
    ['sftp://anna@nas.example.org:2222/srv', { path: '/srv', port: 2222 }],
    ['sftp://anna@nas.example.org', { path: '' }],
    ['sftp://anna@nas.example.org/', { path: '/' }],
    ['sftp://anna@nas.example.org/~/files/x', { path: 'files/x' }],
    ['sftp://anna@[fe80::1]:2222/srv', { host: 'fe80::1', path: '/srv', port: 2222 }],
    ['sftp://anna@nas.example.org/with space/é', { path: '/with space/é' }],
    ['sftp://anna@nas.example.org/100%25', { path: '/100%' }],
    ['sftp://anna%40home@nas.example.org/srv', { user: 'anna@home', path: '/srv' }],
  ])('%s', (address, parts) => {
    const spec = { ...account, ...parts }
    expect(parseAddress(address)).toEqual(spec)
    expect(addressOf(spec)).toBe(address)
  })

  it('is read where a file manager has escaped it, or its path begins at the login', () => {
    expect(parseAddress('SFTP://anna@nas.example.org:22/My%20Files')).toEqual({
      ...account,
      port: 22,
      path: '/My Files',
    })
    expect(parseAddress('sftp://anna@nas.example.org/~')).toEqual({ ...account, path: '' })
    expect(parseAddress('sftp://anna@nas.example.org/50%')).toEqual({ ...account, path: '/50%' })
  })

  it.each([
    'sftp://nas.example.org/srv',
    'sftp://anna:secret@nas.example.org/srv',
    'sftp://anna@/srv',
    'sftp://anna@nas.example.org:0/srv',
    'sftp://anna@nas.example.org:99999/srv',
    'sftp://anna@nas.example.org:x/srv',
    'sftp://anna@nas.example.org/a\nb',
    'ftp://anna@nas.example.org/srv',
    'anna@nas.example.org:/srv',
    '/srv',
    '',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('has a host key of the form in which OpenSSH prints it', () => {
    const spec = { ...account, path: '/srv' }
    expect(StoreSpec.safeParse({ ...spec, hostKey: `SHA256:${'a'.repeat(43)}` }).success).toBe(true)
    for (const hostKey of ['', 'SHA256:short', `MD5:${'a'.repeat(43)}`])
      expect(StoreSpec.safeParse({ ...spec, hostKey }).success).toBe(false)
  })
})
