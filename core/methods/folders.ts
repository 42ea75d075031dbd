// Methods about what there is to be backed up, before there is a plan for it.

import { usualMethod } from '../api/plan.ts'
import { pathsOf } from '../api/plan-source.ts'
import { userFolders } from '../lib/user-folders.ts'
import type { Services } from '../services/services.ts'
import { methods } from './base.ts'

export function folderMethods({ runner, state }: Services) {
  return {
    usual: methods.folder.usual.handler(() => userFolders(state.current.home)),
    measure: methods.folder.measure.handler(async ({ input: { source }, signal }) => {
      const subject = pathsOf(source)[0] ?? ''
      const order = { kind: 'estimate' as const, source, leaveOut: [], pack: usualMethod }
      const { files, bytes, stored } = await runner.job(order, { subject }, signal)
      return { files, bytes, ...(stored === undefined ? {} : { stored: Math.ceil(stored) }) }
    }),
  }
}
