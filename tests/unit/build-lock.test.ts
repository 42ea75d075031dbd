// The lock file works on a fresh clone, everywhere: complete, exact, and without the address of any registry.
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { missingEntries, systemOf } from '../../build/complete-lock.mjs'

const text = await readFile('package-lock.json', 'utf8')

describe('the lock file', () => {
  it('has an entry for every optional package of every system, or `npm ci` refuses it', () => {
    expect(Object.keys(missingEntries(JSON.parse(text)))).toEqual([])
  })

  it('names no registry', () => {
    expect(text).not.toMatch(/"resolved"|https?:\/\/[^"]*(npm|registry)[^"]*\.tgz/)
  })

  it('agrees with package.json, where every version is exact', async () => {
    const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8'))
    const root = JSON.parse(text).packages['']
    expect({ ...root.dependencies, ...root.devDependencies }).toEqual({ ...dependencies, ...devDependencies })
    const versions = Object.values<string>({ ...dependencies, ...devDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})

describe('completing it', () => {
  it.each([
    ['@biomejs/cli-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@biomejs/cli-linux-x64', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
    ['@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@swc/core-win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
    ['@oxc-parser/binding-linux-arm-musleabihf', { os: ['linux'], cpu: ['arm'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-riscv64-gnu', { os: ['linux'], cpu: ['riscv64'], libc: ['glibc'] }],
    ['@oxc-parser/binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
  ])('%s is for %j', (name, system) => {
    expect(systemOf(name)).toEqual(system)
  })

  it('leaves alone what is for any system', () => {
    expect(systemOf('fsevents')).toBeUndefined()
  })

  it('adds exactly what is missing, wherever the parent lies', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/a': { dev: true, optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-darwin-x64': '1.0.0' } },
        'node_modules/a-linux-x64': { version: '1.0.0' },
        'node_modules/b': { optionalDependencies: { 'b-linux-x64': '2.0.0' } },
        'node_modules/b/node_modules/b-linux-x64': { version: '2.0.0' },
      },
    }
    expect(missingEntries(lock)).toEqual({
      'node_modules/a-darwin-x64': { version: '1.0.0', cpu: ['x64'], dev: true, optional: true, os: ['darwin'] },
    })
  })
})
