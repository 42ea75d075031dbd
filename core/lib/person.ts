// Who runs this program, as the system knows them. In containers and under numbers without an entry in passwd it knows neither name nor home.
// Guarantees: never throws; what is not known is undefined. Does not make or check folders.
import { homedir, userInfo } from 'node:os'
import { isAbsolute } from 'node:path'

/** The home folder, absolute. What the environment names goes first: `HOME`, on Windows `USERPROFILE`. */
export function homeFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const named = platform === 'win32' ? env.USERPROFILE : env.HOME
  const places = [() => named, homedir, () => userInfo().homedir]
  return places.map(known).find((place) => place !== undefined && isAbsolute(place))
}

/** The name with which the person has logged in. */
export function userName(): string | undefined {
  return known(() => userInfo().username) || undefined
}

/** libuv throws where neither the environment nor passwd has an entry. */
function known(ask: () => string | undefined): string | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}
