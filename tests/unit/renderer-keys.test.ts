// What the keyboard does everywhere, and times as people type them.
import { expect, it } from 'vitest'
import { actionOf } from '../../renderer/shortcuts.ts'
import { helpChapters, shortcuts } from '../../renderer/text/help.ts'
import { timeOfDay } from '../../renderer/text/time-of-day.ts'

const bare = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, defaultPrevented: false }

it('has an action for every key that the help lists, and for no other', () => {
  const found = shortcuts.map(([keys]) => {
    const [held, key = held] = keys
    const pressed = { esc: 'Escape', '←': 'ArrowLeft' }[key as string] ?? key
    return actionOf({ ...bare, key: pressed, ctrlKey: held === 'ctrl', altKey: held === 'alt' })
  })
  expect(found.every((action) => typeof action === 'function')).toBe(true)
  expect(new Set(found).size).toBe(shortcuts.length)
  for (const key of ['b', 'f', ',', 'ArrowLeft', 'F2', 'a']) expect(actionOf({ ...bare, key }), key).toBeUndefined()
  // What a field or a dialog has used is not used again.
  expect(actionOf({ ...bare, key: 'Escape', defaultPrevented: true })).toBeUndefined()
  expect(actionOf({ ...bare, key: 'F', ctrlKey: true, shiftKey: true })).toBeUndefined()
})

it('explains in every chapter what the thing is or what is needed', () => {
  for (const parts of Object.values(helpChapters)) expect(['what', 'need']).toContain(parts[0])
})

it('reads times of the day as people type them', () => {
  const typed = ['18:30', '8:05', '18h30', '18 h', '18.30', '0730', '7', ' 00:00 ']
  expect(typed.map(timeOfDay)).toEqual(['18:30', '08:05', '18:30', '18:00', '18:30', '07:30', '07:00', '00:00'])
  for (const wrong of ['', '24:00', '12:60', '12:3', '12:00 PM', 'midi', '123', '-1'])
    expect(timeOfDay(wrong), wrong).toBeUndefined()
})
