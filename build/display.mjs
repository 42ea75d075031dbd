// A private X display for the end-to-end tests.
// Guarantees: a free display number chosen by the server itself, nothing listening on the network, gone when stopped
// and at the latest when this process exits.
import { spawn } from 'node:child_process'
import { Stop } from './stop.mjs'

/** Where a window can be shown: Linux needs an X or Wayland display, other systems always have one. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * Starts Xvfb.
 * @returns {Promise<{ name: string, stop: () => Promise<void> }>} `name` is for DISPLAY, for example ":1"
 */
export function startDisplay() {
  const args = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const gone = new Promise((resolve) => server.once('close', resolve))
  const end = () => void server.kill('SIGTERM')
  process.once('exit', end)
  const stop = async () => {
    process.off('exit', end)
    end()
    await gone
  }
  return new Promise((resolve, reject) => {
    let complaint = ''
    let number = ''
    server.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    server.stdio[3]?.on('data', (chunk) => {
      number += chunk
      if (number.endsWith('\n')) resolve({ name: `:${number.trim()}`, stop })
    })
    server.once('error', (error) =>
      reject(new Stop('Xvfb, the display for tests, is not installed.', { cause: error })),
    )
    server.once('close', (code) => reject(new Stop(`Xvfb ended at once (exit code ${code}): ${complaint.trim()}`)))
  })
}
