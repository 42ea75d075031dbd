// What systemd hands over to a service (systemd.exec(5), "CREDENTIALS"): one small file each, readable by the service alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The content of a credential as it is; undefined when none of this name was handed over. */
export async function credential(env: NodeJS.ProcessEnv, name: string): Promise<string | undefined> {
  const { CREDENTIALS_DIRECTORY: folder } = env
  return folder ? readFile(join(folder, name), 'utf8').catch(() => undefined) : undefined
}
