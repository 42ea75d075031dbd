// The text of the systemd units that keep an engine running where nobody logs in: a service, and a timer that starts it again. Pure.
// Guarantees: paths are quoted as systemd reads them (systemd.syntax(7), systemd.service(5) "COMMAND LINES"); nothing here gives the service a
// mount name space of its own (ProtectSystem=, PrivateTmp= and the like do): media that are plugged in later must be seen, and an unmount in a
// name space of one's own would tell a person to unplug what the system still writes to.
// Does not write files or call systemd: see service.ts.
import { createHash } from 'node:crypto'

export interface ServiceSetting {
  /** Absolute: Node, and the compiled terminal program. */
  readonly node: string
  readonly program: string
  /** The data folder. */
  readonly home: string
  /** Name of a user: a unit of the whole system that runs as that user. Undefined: a unit of the user who installs it. */
  readonly user: string | undefined
}

export interface Units {
  /** `arche`, or with a part of its own for a data folder that is not the usual one. */
  readonly name: string
  readonly service: string
  readonly timer: string
}

/** First line of both files: what has it, Arche has written and may remove. */
export const marker = '# Written by Arche ("arche service install"); removed by "arche service remove".'

/** Two data folders of one user are two services. */
export function unitName(home: string, usualHome: string): string {
  return home === usualHome ? 'arche' : `arche-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`
}

export function unitsOf(setting: ServiceSetting, name: string): Units {
  return { name, service: service(setting), timer: timer(setting, name) }
}

const environmentOf = (home: string) => `Environment=${quoted(`ARCHE_HOME=${home}`)}`

/** A service's text is that of this data folder. */
export function isOfHome(text: string, home: string): boolean {
  return text.split('\n').includes(environmentOf(home))
}

function service({ node, program, home, user }: ServiceSetting): string {
  const system = user !== undefined
  return [
    marker,
    '[Unit]',
    `Description=Arche backups (${specifierSafe(home)})`,
    // Mail and pings want a network; without one, backups are made all the same.
    ...(system
      ? ['Wants=network-online.target', 'After=network-online.target', `RequiresMountsFor=${quoted(home)}`]
      : []),
    // A backup program that gives up starting is a backup that is missing.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    // A dollar sign means a variable in arguments, and itself in the name of the program.
    `ExecStart=${quoted(node)} ${quoted(program.replaceAll('$', '$$$$'))} service run`,
    environmentOf(home),
    ...(system ? [`User=${user}`] : []),
    'Restart=always',
    'RestartSec=30',
    // Only Arche is told to end; it ends its own programs, so that a run is cancelled in good order.
    'KillMode=mixed',
    'TimeoutStopSec=300',
    'Nice=5',
    'IOSchedulingPriority=6',
    'UMask=0077',
    ...hardening,
    ...(system ? [`CapabilityBoundingSet=~${neverNeeded.join(' ')}`] : []),
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n')
}

/** What a backup, and a restore of owners and modes, can do without; none of it needs a mount name space. */
const hardening = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictNamespaces=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
]

/** Where it runs as root: reading, owning and unmounting stay possible, these do not. */
const neverNeeded = [
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_BOOT',
  'CAP_SYS_TIME',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_AUDIT_CONTROL',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
  'CAP_SYSLOG',
  'CAP_BPF',
]

/**
 * Not the schedule, which the engine keeps itself: a guard. A service that was stopped and forgotten, or could not start at boot, starts again
 * within the hour; one that runs is left alone.
 */
function timer({ home, user }: ServiceSetting, name: string): string {
  return [
    marker,
    '[Unit]',
    `Description=Starts Arche again where it does not run (${specifierSafe(home)})`,
    '',
    '[Timer]',
    `Unit=${name}.service`,
    user === undefined ? 'OnStartupSec=2min' : 'OnBootSec=2min',
    'OnUnitInactiveSec=1h',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n')
}

/** A word with spaces and all else; the person is told before when it cannot be written (see `possible`). */
function quoted(text: string): string {
  return `"${specifierSafe(text).replace(/[\\"]/g, '\\$&')}"`
}

function specifierSafe(text: string): string {
  return text.replaceAll('%', '%%')
}

/** A unit is lines of UTF-8: a path with a control character or half a character has no place in it. */
export function possible(path: string): boolean {
  return !/\p{Cc}|\p{Cs}/u.test(path)
}

/** systemd refuses a program with quotes or backslashes in its name, whatever is done about them. */
export function possibleProgram(path: string): boolean {
  return possible(path) && !/["'\\]/.test(path)
}

/** Name of a user as useradd(8) allows it, and systemd without a warning. */
export function possibleUser(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,30}$/.test(name)
}
