// What the system tells of mains and network: scripted at its border, as a folder like the kernel's and a bus that answers like NetworkManager's.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentZone, onBattery, onMeteredNetwork } from '../../core/lib/surroundings.ts'
import { temporaryFolder } from '../support/folder.ts'

/** Power supplies as the kernel shows them: folder → file → content. */
async function supplies(list: Record<string, Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, files] of Object.entries(list)) {
    await mkdir(join(folder, name))
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), `${text}\n`)
  }
  return folder
}

const battery = (status: string) => ({ type: 'Battery', status, present: '1' })

describe('power', () => {
  it('comes from the mains while a charger is plugged in, whatever the battery does', async () => {
    expect(await onBattery(await supplies({ AC: { type: 'Mains', online: '1' }, BAT0: battery('Discharging') }))).toBe(
      false,
    )
    expect(await onBattery(await supplies({ 'ucsi-1': { type: 'USB', online: '1' }, BAT0: battery('Charging') }))).toBe(
      false,
    )
  })

  it('comes from the battery while it is emptied', async () => {
    const AC = { type: 'Mains', online: '0' }
    expect(await onBattery(await supplies({ AC, BAT0: battery('Discharging') }))).toBe(true)
    expect(await onBattery(await supplies({ BAT0: battery('Full'), BAT1: battery('Discharging') }))).toBe(true)
    expect(await onBattery(await supplies({ AC, BAT0: battery('Full') }))).toBe(false)
  })

  it('is not told by the battery of a mouse, nor where there is none', async () => {
    expect(await onBattery(await supplies({ mouse: { ...battery('Discharging'), scope: 'Device' } }))).toBeUndefined()
    expect(await onBattery(await supplies({}))).toBeUndefined()
    expect(await onBattery('/nowhere')).toBeUndefined()
  })
})

/** A bus that answers every call with a variant holding this number. */
async function bus(metered: number): Promise<NodeJS.ProcessEnv> {
  const path = join(await temporaryFolder(), 'bus')
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('OK 1234\r\n')
      let serial = 0
      socket.on('data', (data) => {
        // One reply for each message: D-Bus Specification, "Message Format".
        for (let at = data.indexOf('l\x01\x00\x01'); at >= 0; at = data.indexOf('l\x01\x00\x01', at + 1)) {
          serial += 1
          socket.write(reply(serial, metered))
        }
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  return { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${path}` }
}

function reply(serial: number, value: number): Buffer {
  const message = Buffer.alloc(32)
  message.set([0x6c, 2, 1, 1])
  message.writeUInt32LE(8, 4)
  message.writeUInt32LE(serial, 8)
  // One header field: the serial that is answered (code 5, an unsigned number).
  message.writeUInt32LE(8, 12)
  message.set([5, 1, 0x75, 0], 16)
  message.writeUInt32LE(serial, 20)
  // The body: a variant (signature of one character) and its number.
  message.set([1, 0x75, 0, 0], 24)
  message.writeUInt32LE(value, 28)
  return message
}

describe('the network', () => {
  it('is metered where NetworkManager knows or guesses so', async () => {
    const answers = await Promise.all([0, 1, 2, 3, 4].map(async (value) => onMeteredNetwork(await bus(value))))
    expect(answers).toEqual([undefined, true, false, true, false])
  })

  it('is not known where nobody tells', async () => {
    expect(await onMeteredNetwork({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere' })).toBeUndefined()
  })
})

describe('the zone', () => {
  it('is the one in force now', () => {
    const before = process.env.TZ
    onTestFinished(() => {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    })
    process.env.TZ = 'Australia/Lord_Howe'
    expect(currentZone()).toBe('Australia/Lord_Howe')
    process.env.TZ = 'Europe/Paris'
    expect(currentZone()).toBe('Europe/Paris')
  })
})
