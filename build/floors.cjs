// Who may import whom, as data: one row a folder of core/, what it MAY import beside itself; anything else is an error, type-only imports included.
// Read by .dependency-cruiser.cjs, which enforces it; ARCHITECTURE.md shows it as a table (tests/unit/build-layers.test.ts compares them).

/** What every folder but api and lib may import. */
const low = ['api', 'lib']

/** `FOLDER/FILE`: that file alone. */
const floors = {
  api: [],
  lib: ['api/failure', 'api/model'],
  access: low,
  archive: low,
  catalogue: low,
  config: low,
  databases: low,
  drives: low,
  history: low,
  notify: low,
  systemd: [...low, 'config'],
  stores: [...low, 'drives'],
  keys: [...low, 'archive', 'drives'],
  schedule: [...low, 'history'],
  sources: [...low, 'archive', 'databases'],
  restore: [...low, 'archive', 'databases'],
  guard: [...low, 'sources'],
  targets: [...low, 'archive', 'stores', 'sources', 'guard'],
  keep: [...low, 'history', 'stores', 'targets'],
}
const all = Object.keys(floors)
const apart = ['access', 'config', 'keys', 'notify', 'schedule', 'systemd']
floors.runs = all.filter((name) => !apart.includes(name))
floors.services = [...all, 'runs']
floors.methods = [...all, 'runs', 'services']
floors.engine = [...all, 'runs', 'services', 'methods']
/** What lies outside of the engine sees of core/. */
const outside = [...low, 'config', 'engine']
/** A service is installed without an engine: as root for another user, or where the data folder cannot be opened yet. */
floors.terminal = [...outside, 'systemd']

/** The files of core/ itself, which are the terminal program. */
const entry = [...outside, 'terminal']

/** Of `from`, only the files whose name begins with `file` know `to`. */
const only = [{ from: 'stores', file: 'medium', to: 'drives' }]

module.exports = { floors, entry, outside, only }
