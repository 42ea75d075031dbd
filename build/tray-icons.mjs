// Draws resources/tray/*.png from the four SVG files beside them. Run by hand after a change of an SVG: node build/tray-icons.mjs
// Needs rsvg-convert (Debian: librsvg2-bin). What it makes is committed, so that nobody else needs it.
// Sizes: Linux gets one image of 44 px (hosts scale it down to the 16 to 22 px of their panel), Windows and macOS 16 px with its double.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', 'resources', 'tray')

/** The colours of renderer/theme.ts; `light` and `dark` are those of the panel that the icon stands on. */
const tints = {
  protected: { light: '#1f7a3a', dark: '#5fcf82' },
  attention: { light: '#a86500', dark: '#f0b54a' },
  unprotected: { light: '#b42318', dark: '#ff8d82' },
  unset: { light: '#5f6c74', dark: '#a3b0b7' },
}

for (const [level, { light, dark }] of Object.entries(tints)) {
  const drawing = readFileSync(join(folder, `${level}.svg`), 'utf8')
  /** @param {string} name @param {string} colour @param {number} size */
  const draw = (name, colour, size) => {
    const input = drawing.replaceAll('currentColor', colour)
    const image = execFileSync('rsvg-convert', ['--width', `${size}`, '--height', `${size}`], { input })
    writeFileSync(join(folder, `${name}.png`), image)
  }
  for (const [panel, colour] of Object.entries({ light, dark })) {
    draw(`${level}-${panel}`, colour, 44)
    draw(`${level}-${panel}-small`, colour, 16)
    draw(`${level}-${panel}-small@2x`, colour, 32)
  }
  // macOS gives the menu bar's own colour to images of this name.
  draw(`${level}Template`, '#000000', 16)
  draw(`${level}Template@2x`, '#000000', 32)
}
