// The parts of a running engine, as one plain record that every method gets, and what several methods need of them.
import { join } from 'node:path'
import type { MailAccount } from '../access/mail-account.ts'
import type { Operator } from '../access/operator.ts'
import type { PlaceAccounts } from '../access/place-accounts.ts'
import type { Secrets } from '../access/secrets.ts'
import type { Problem } from '../api/failure.ts'
import type { PlaceState } from '../api/place.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ConfigFile } from '../config/config.ts'
import type { History } from '../history/history.ts'
import type { Ledger } from '../history/ledger.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Notifier } from '../notify/notify.ts'
import type { Runner } from '../runs/runner.ts'
import type { Program } from '../systemd/service.ts'
import type { ForAWhile } from './for-a-while.ts'
import type { Previewed } from './restore-previews.ts'
import type { Safety } from './safety.ts'
import type { StateHub } from './state.ts'

/** Parts of the engine that are opened once. */
export interface Parts {
  readonly home: string
  readonly host: string
  readonly now: () => number
  readonly config: ConfigFile
  readonly secrets: Secrets
  readonly operator: Operator
  readonly keyring: Keyring
  readonly history: History
  readonly ledger: Ledger
  readonly runner: Runner
  readonly catalogue: Catalogue
  /** The time zone in force. */
  readonly zone: () => string
  readonly state: StateHub
  readonly mailAccount: MailAccount
  readonly placeAccounts: PlaceAccounts
  /** How the places in the network were when they last answered, by their ids. */
  readonly placeStates: Map<string, PlaceState>
  readonly notifier: Notifier
  /** Why each restore of a server that was left unfinished still is, by its id. */
  readonly problems: Map<string, Problem>
  /** This process is the background service. */
  readonly isService: boolean
  /** What a service would be made of; undefined: this copy of Arche has no program that works without a window. */
  readonly terminalProgram: () => Promise<Program | undefined>
}

export interface Services extends Parts {
  readonly safety: Safety
  /** Of restores, by their ids. */
  readonly previews: ForAWhile<Previewed>
  /** Reads the parts of the state that may have changed, and tells followers. */
  refresh(...parts: Refreshable[]): Promise<void>
}

/** Parts of the state that are read anew by this name: each is a row of state-parts.ts. */
export type Refreshable =
  | 'settings'
  | 'operatorSet'
  | 'keychain'
  | 'keys'
  | 'plans'
  | 'media'
  | 'runs'
  | 'paused'
  | 'mail'

export const journalFolder = (home: string) => join(home, 'journals')

/** What the loss guard remembers of each plan. */
export const guardFolder = (home: string) => join(home, 'guard')

/** Names of the files in all backups, for the search. */
export const catalogueFolder = (home: string) => join(home, 'catalogue')

/** Private; emptied at every start. */
export const tempFolder = (home: string) => join(home, 'temp')
