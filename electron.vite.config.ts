// How the program is compiled: four Node programs (window, terminal, a run's thread, its pools'), the preload script, the page.
// Guarantees: npm packages used by Node code stay outside the bundles (native modules, one copy of each at run time), but for those of `bundled`;
// the preload script is one CommonJS file, because a sandboxed preload can load nothing else.
// Does not decide when to compile: build/compile.mjs does, by a stamp. Each part is made as out/NAME.next and then renamed.
// Targets are the oldest that must run it: Electron 33 (Node 20.18, Chrome 130).
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

/**
 * Packages that every start loads, or that are large: finding and reading their files took a tenth of a second of every start of a program and of a run.
 */
const bundled = ['@orpc/client', '@orpc/contract', '@orpc/server', 'commander', 'node-schedule', 'openpgp', 'ws', 'zod']

/** V8 keeps a file with a character beyond Latin-1 in twice the memory, and reads it more slowly. */
const narrow: Plugin = {
  name: 'narrow',
  renderChunk: (code) => ({
    code: code.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    map: null,
  }),
}

export default defineConfig({
  main: {
    plugins: [narrow],
    // The sentences as text that is read as JSON: half the work of reading them as JavaScript.
    json: { stringify: true, namedExports: false },
    build: {
      outDir: 'out/main.next',
      target: 'node20.18',
      sourcemap: true,
      externalizeDeps: { exclude: bundled },
      rolldownOptions: {
        input: {
          main: 'electron/main.ts',
          cli: 'core/cli.ts',
          worker: 'core/runs/worker.ts',
          'pool-thread': 'core/runs/pool-thread.ts',
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          comments: { legal: true, annotation: false, jsdoc: false },
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload.next',
      target: 'node20.18',
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: 'electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    json: { stringify: true, namedExports: false },
    build: {
      outDir: 'out/renderer.next',
      target: 'chrome130',
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
})
