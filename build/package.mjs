// `npm run package`: makes a package for users in dist/release, or one to try in dist/development.
//   npm run package                   the program in a folder
//   npm run package -- --installers   AppImage and deb
//   npm run package -- --dev-runtime  the program in a folder, with whatever Electron `npm start` uses; not for users
// Guarantees: a package for users holds the Electron of package.json, from its publisher; never the out-of-support registry runtime.
// The fuses of the finished program are read back, and a wrong one fails the command.
import { requireNode } from './node-version.mjs'
import { runScript } from './stop.mjs'

await runScript(async () => {
  requireNode()
  const { makePackage } = await import('./package-arche.mjs')
  return makePackage(process.argv.slice(2))
})
