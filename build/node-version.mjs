// Refuses a Node that is too old, before anything else is loaded. Written so that an old Node can still read it.
import { Stop } from './stop.mjs'

/** The oldest Node that runs Vite 8 and the tests. Kept equal to "engines" in package.json (tests/unit/build-setup.test.ts). */
export const oldestNode = '20.19.0'

/**
 * @param {string} found for example "20.19.1"
 * @param {string} wanted
 */
export function isOlder(found, wanted) {
  const [a, b] = [found, wanted].map((version) => version.split('.').map((part) => Number.parseInt(part, 10)))
  for (let i = 0; i < 3; i++) {
    const [x, y] = [a?.[i] || 0, b?.[i] || 0]
    if (x !== y) return x < y
  }
  return false
}

export function requireNode(found = process.versions.node) {
  if (isOlder(found, oldestNode)) {
    throw new Stop(
      `Arche needs Node ${oldestNode} or newer, and this is Node ${found} (${process.execPath}). ` +
        'Install a current Node (the "LTS" one), open a new terminal and start again.',
      { type: ['node --version', 'npm start'] },
    )
  }
}
